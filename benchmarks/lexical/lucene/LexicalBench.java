import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogByteSizeMergePolicy;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollector;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;

/** Answers commands from standard input, one line each; the words of a command are divided by tabs. */
public final class LexicalBench {
  private static final String FIELD = "text";
  private static final double WRITER_MEGABYTES = 1_500;
  private static final BM25Similarity SIMILARITY = new BM25Similarity(1.2f, 0.75f);

  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
  private final PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
  private IndexSearcher searcher;

  public static void main(String[] arguments) throws IOException {
    new LexicalBench().serve();
  }

  private void serve() throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(answer(line.split("\t")));
      out.flush();
    }
  }

  private String answer(String[] command) throws IOException {
    switch (command[0]) {
      case "version":
        return "Lucene " + Version.LATEST + ", Java " + System.getProperty("java.version");
      case "build":
        return build(Path.of(command[1]), Path.of(command[2]));
      case "open":
        return open(Path.of(command[1]));
      case "search":
        return search(Integer.parseInt(command[1]), command[2]);
      case "round":
        return round(Integer.parseInt(command[1]), Integer.parseInt(command[2]));
      default:
        throw new IllegalArgumentException(command[0]);
    }
  }

  private static String build(Path documents, Path folder) throws IOException {
    FieldType type = new FieldType();
    type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
    type.setTokenized(true);
    type.freeze();
    Field field = new Field(FIELD, "", type);
    Document document = new Document();
    document.add(field);
    try (MMapDirectory directory = new MMapDirectory(folder);
        IndexWriter writer = new IndexWriter(directory, writing());
        BufferedReader lines = Files.newBufferedReader(documents, StandardCharsets.US_ASCII)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        field.setStringValue(line);
        writer.addDocument(document);
      }
      writer.forceMerge(1);
    }
    return "built";
  }

  /** One thread, and only neighbouring segments are merged, so that documents stay in their order. */
  private static IndexWriterConfig writing() {
    return new IndexWriterConfig(new WhitespaceAnalyzer())
        .setSimilarity(SIMILARITY)
        .setRAMBufferSizeMB(WRITER_MEGABYTES)
        .setMergeScheduler(new SerialMergeScheduler())
        .setMergePolicy(new LogByteSizeMergePolicy());
  }

  private String open(Path folder) throws IOException {
    searcher = new IndexSearcher(DirectoryReader.open(new MMapDirectory(folder)));
    searcher.setSimilarity(SIMILARITY);
    searcher.setQueryCache(null); // each round asks the same queries again
    return "opened";
  }

  private String search(int k, String terms) throws IOException {
    StringBuilder hits = new StringBuilder();
    for (ScoreDoc hit : best(k, terms.split(" ")).scoreDocs) {
      hits.append(hit.doc).append(':').append(hit.score).append(' ');
    }
    return hits.toString();
  }

  /** Nanoseconds: the CPU time of this thread over the round, then the wall time of each query. */
  private String round(int k, int n) throws IOException {
    String[][] queries = new String[n][];
    for (int i = 0; i < n; i++) {
      queries[i] = in.readLine().split(" ");
    }
    long[] wall = new long[n];
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long cpu = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < n; i++) {
      long before = System.nanoTime();
      best(k, queries[i]);
      wall[i] = System.nanoTime() - before;
    }
    StringBuilder taken = new StringBuilder();
    taken.append(threads.getCurrentThreadCpuTime() - cpu);
    for (long each : wall) {
      taken.append(' ').append(each);
    }
    return taken.toString();
  }

  /** No more matches are counted than are asked for, so that the rest may be skipped. */
  private TopDocs best(int k, String[] terms) throws IOException {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    for (String term : terms) {
      query.add(new TermQuery(new Term(FIELD, term)), BooleanClause.Occur.SHOULD);
    }
    TopScoreDocCollector collector = TopScoreDocCollector.create(k, k);
    searcher.search(query.build(), collector);
    return collector.topDocs();
  }
}
