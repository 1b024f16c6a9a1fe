package bistro;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Apache CXF at the built binary, over SOAP 1.1 and 1.2: classes from the server's own documents, and the documents. */
public final class Main {
    static final String WORDS = "日本語 😀 مرحبا — <b>&amp;</b> \"'";

    private Main() {}

    public static void main(String[] folder) throws Exception {
        // It tells of each fault that it reads, at great length.
        Logger.getLogger("org.apache.cxf").setLevel(Level.SEVERE);
        var began = System.nanoTime();
        var posts = new blog.Bistro(URI.create(folder[0] + "/blog.wsdl").toURL());
        var values = new fixture.Bistro(URI.create(folder[0] + "/fixture.wsdl").toURL());
        var cases = new LinkedHashMap<String, List<Case>>();
        cases.put("documents", Documents.cases(folder[0], folder[1].split(",")));
        cases.put("blog, SOAP 1.1", new Blog(posts, "1.1", blog.Bistro::getBistroSoap).cases());
        cases.put("blog, SOAP 1.2", new Blog(posts, "1.2", blog.Bistro::getBistroSoap12).cases());
        cases.put("fixture, SOAP 1.1", new Fixture(values.getBistroSoap()).cases());
        cases.put("fixture, SOAP 1.2", new Fixture(values.getBistroSoap12()).cases());
        var nulls = new nil.Bistro(URI.create(folder[0] + "/blog-nil.wsdl").toURL());
        cases.put("nulls, SOAP 1.1", new Nulls(nulls.getBistroSoap()).cases());
        cases.put("nulls, SOAP 1.2", new Nulls(nulls.getBistroSoap12()).cases());
        cases.put("guide", List.of(new Case("the snippet", Main::guide, "NotFound")));
        var all = cases.values().stream().mapToInt(List::size).sum();
        var failed = cases.entrySet().stream().mapToInt(part -> Case.failed(part.getKey(), part.getValue())).sum();
        var seconds = (System.nanoTime() - began) / 1_000_000_000;
        System.out.printf("Apache CXF: %d passed, %d failed (%d s)%n", all - failed, failed, seconds);
        System.exit(failed == 0 ? 0 : 1);
    }

    /** What the guide's snippet prints last. */
    private static String guide() throws Exception {
        var printed = new ByteArrayOutputStream();
        var out = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Guide.run();
        } finally {
            System.setOut(out);
        }
        return printed.toString(StandardCharsets.UTF_8).lines().reduce("", (before, line) -> line);
    }

    /** What an environment variable says. */
    static String told(String name) {
        var value = System.getenv(name);
        if (value == null) {
            throw new IllegalStateException(name + " is not set: start run.py");
        }
        return value;
    }
}
