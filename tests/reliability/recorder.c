/* Records what a process does to the files below RECORD_ROOT, in one order, into RECORD_LOG: a preloaded library.

   fsync is recorded and not done: what a power cut would have left is made from the record. RECORD_FAIL_SYNC=n lets
   the n-th fsync fail with EIO, once, in the process that has it.

   A record: kind (1 byte), lengths of path and other (2 × u32), offset (i64), length of data (u32), then these three. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *root, *fail_marker;
static int log_fd = -1;
static long fail_at = -1;

__attribute__((constructor)) static void begin(void) {
  root = getenv("RECORD_ROOT");
  const char *path = getenv("RECORD_LOG");
  if (root && path) log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (getenv("RECORD_FAIL_SYNC")) fail_at = atol(getenv("RECORD_FAIL_SYNC"));
  fail_marker = getenv("RECORD_FAIL_COUNT");
}

static int below(const char *path) {
  return log_fd >= 0 && path && strncmp(path, root, strlen(root)) == 0;
}

static void record(char kind, const char *path, const char *other, int64_t offset, const void *data, uint32_t n) {
  uint32_t n_path = strlen(path), n_other = other ? strlen(other) : 0;
  char head[1 + 4 + 4 + 8 + 4];
  head[0] = kind;
  memcpy(head + 1, &n_path, 4);
  memcpy(head + 5, &n_other, 4);
  memcpy(head + 9, &offset, 8);
  memcpy(head + 17, &n, 4);
  struct iovec parts[4] = {{head, sizeof head}, {(void *)path, n_path}, {(void *)other, n_other}, {(void *)data, n}};
  int before = errno;
  syscall(SYS_writev, log_fd, parts, 4); /* one call, so that processes do not mix their records */
  errno = before;
}

static int path_of(int fd, char *path) {
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(name, path, PATH_MAX - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return below(path) && !strstr(path, " (deleted)");
}

static void absolute(int at, const char *name, char *path) {
  char folder[PATH_MAX];
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
  } else if (at == AT_FDCWD && getcwd(folder, sizeof folder)) {
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
  } else {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t n = readlink(link, folder, sizeof folder - 1);
    folder[n < 0 ? 0 : n] = 0;
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
  }
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opened(int at, const char *name, int flags, mode_t mode) {
  char path[PATH_MAX];
  absolute(at, name, path);
  int there = below(path) ? faccessat(AT_FDCWD, path, F_OK, 0) == 0 : 1;
  int fd = syscall(SYS_openat, at, name, flags, mode);
  if (fd >= 0 && below(path)) {
    if (!there && (flags & O_CREAT)) record('c', path, 0, 0, 0, 0);
    else if ((flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY) record('t', path, 0, 0, 0, 0);
  }
  return fd;
}

#define MODE(flags) mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list v; va_start(v, flags); mode = va_arg(v, int); va_end(v); }
int open(const char *p, int flags, ...) { MODE(flags) return opened(AT_FDCWD, p, flags, mode); }
int open64(const char *p, int flags, ...) { MODE(flags) return opened(AT_FDCWD, p, flags | O_LARGEFILE, mode); }
int openat(int at, const char *p, int flags, ...) { MODE(flags) return opened(at, p, flags, mode); }
int openat64(int at, const char *p, int flags, ...) { MODE(flags) return opened(at, p, flags | O_LARGEFILE, mode); }
int creat(const char *p, mode_t mode) { return opened(AT_FDCWD, p, O_CREAT | O_WRONLY | O_TRUNC, mode); }

ssize_t write(int fd, const void *data, size_t n) {
  char path[PATH_MAX];
  int known = fd != log_fd && path_of(fd, path);
  int64_t at = 0;
  if (known) at = (fcntl(fd, F_GETFL) & O_APPEND) ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
  ssize_t done = syscall(SYS_write, fd, data, n);
  if (known && done > 0) record('w', path, 0, at, data, done);
  return done;
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
  char path[PATH_MAX];
  ssize_t done = syscall(SYS_pwrite64, fd, data, n, at);
  if (done > 0 && path_of(fd, path)) record('w', path, 0, at, data, done);
  return done;
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) { return pwrite(fd, data, n, at); }
ssize_t writev(int fd, const struct iovec *parts, int n) {
  ssize_t total = 0;
  for (int i = 0; i < n; i++) {
    ssize_t done = write(fd, parts[i].iov_base, parts[i].iov_len);
    if (done < 0) return total ? total : done;
    total += done;
    if ((size_t)done < parts[i].iov_len) break;
  }
  return total;
}
int ftruncate(int fd, off_t n) {
  char path[PATH_MAX];
  int done = syscall(SYS_ftruncate, fd, n);
  if (done == 0 && path_of(fd, path)) record('t', path, 0, n, 0, 0);
  return done;
}
int ftruncate64(int fd, off64_t n) { return ftruncate(fd, n); }

static int synced(int fd) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return 0;
  if (fail_at > 0 && fail_marker) { /* a file counts for all processes */
    int counter = syscall(SYS_openat, AT_FDCWD, fail_marker, O_WRONLY | O_APPEND | O_CREAT, 0600);
    syscall(SYS_write, counter, "x", 1);
    struct stat found;
    fstat(counter, &found);
    syscall(SYS_close, counter);
    if (found.st_size == fail_at) {
      record('e', path, 0, 0, 0, 0);
      errno = EIO;
      return -1;
    }
  }
  record('s', path, 0, 0, 0, 0);
  return 0;
}
int fsync(int fd) { return synced(fd); }
int fdatasync(int fd) { return synced(fd); }

int renameat(int a, const char *from, int b, const char *to) {
  char one[PATH_MAX], other[PATH_MAX];
  absolute(a, from, one);
  absolute(b, to, other);
  int done = syscall(SYS_renameat2, a, from, b, to, 0);
  if (done == 0 && below(one)) record('r', one, other, 0, 0, 0);
  return done;
}
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }
int linkat(int a, const char *from, int b, const char *to, int flags) {
  char one[PATH_MAX], other[PATH_MAX];
  absolute(a, from, one);
  absolute(b, to, other);
  int done = syscall(SYS_linkat, a, from, b, to, flags);
  if (done == 0 && below(other)) record('l', one, other, 0, 0, 0);
  return done;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int unlinkat(int at, const char *name, int flags) {
  char path[PATH_MAX];
  absolute(at, name, path);
  int done = syscall(SYS_unlinkat, at, name, flags);
  if (done == 0 && below(path)) record('u', path, 0, 0, 0, 0);
  return done;
}
int unlink(const char *p) { return unlinkat(AT_FDCWD, p, 0); }
int rmdir(const char *p) { return unlinkat(AT_FDCWD, p, AT_REMOVEDIR); }
int mkdirat(int at, const char *name, mode_t mode) {
  char path[PATH_MAX];
  absolute(at, name, path);
  int done = syscall(SYS_mkdirat, at, name, mode);
  if (done == 0 && below(path)) record('m', path, 0, 0, 0, 0);
  return done;
}
int mkdir(const char *p, mode_t mode) { return mkdirat(AT_FDCWD, p, mode); }
