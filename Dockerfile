FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/textprism
COPY pyproject.toml README.md LICENSE ./
COPY indexer indexer
COPY app app
COPY migrations migrations
RUN /opt/textprism/bin/pip install --no-cache-dir --disable-pip-version-check .

FROM python:3.11-slim
RUN groupadd --gid 10001 textprism \
    && useradd --uid 10001 --gid textprism --home-dir /data --no-create-home --shell /usr/sbin/nologin textprism \
    && install --directory --owner=textprism --group=textprism --mode=0700 /data
COPY --from=build /opt/textprism /opt/textprism
# The code is compiled when it is installed: a read-only root needs no other bytecode.
ENV PATH=/opt/textprism/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TEXTPRISM_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# http.client, not urllib: a proxy in the environment is not asked for the container's own address.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1:8000', timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
CMD ["textprism", "serve", "--host", "0.0.0.0", "--port", "8000"]
