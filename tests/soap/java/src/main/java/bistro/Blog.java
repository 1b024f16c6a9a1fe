package bistro;

import blog.Bistro;
import blog.BistroException;
import blog.BistroPort;
import blog.OrderDirection;
import blog.Post;
import blog.PostCreate;
import blog.PostKey;
import blog.PostOrder;
import blog.SignIn;
import blog.StringFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import org.apache.wss4j.dom.WSConstants;

/** The blog as one version of SOAP shows it, its callers, and what requests are made of. */
final class Blog {
    private static final String AMARA = "01920000-0000-7000-8000-000000000001";

    final String version;
    final BistroPort service;
    final BistroPort anyone;
    private final Function<Bistro, BistroPort> choice;
    private final Bistro document;

    Blog(Bistro document, String version, Function<Bistro, BistroPort> choice) {
        this.document = document;
        this.version = version;
        this.choice = choice;
        service = Callers.key(port(), Main.told("BLOG_SECRET"));
        anyone = Callers.key(port(), Main.told("BLOG_KEY"));
    }

    List<Case> cases() {
        var cases = new ArrayList<>(new BlogCallers(this).cases());
        cases.addAll(new BlogReads(this).cases());
        cases.addAll(new BlogWrites(this).cases());
        return cases;
    }

    BistroPort port() {
        return Callers.nobody(choice.apply(document));
    }

    BistroPort token(String name, String password) {
        return Callers.token(port(), name, password, WSConstants.PW_TEXT);
    }

    BistroPort wren() {
        return token(Main.told("WREN_EMAIL"), Main.told("WREN_PASSWORD"));
    }

    PostCreate draft(String name, Consumer<PostCreate> more) {
        var post = new PostCreate();
        post.setTitle("A title");
        post.setSlug(name(name));
        post.setBody("A body.");
        post.setAuthorId(AMARA);
        more.accept(post);
        return post;
    }

    String name(String name) {
        return name + "-" + version.replace('.', '-');
    }

    static Object refused(Callable<?> call) throws Exception {
        try {
            return Refusal.of(call);
        } catch (BistroException refused) {
            return refused.getFaultInfo().getKind() + " " + refused.getFaultInfo().getCode();
        }
    }

    static Post get(BistroPort port, PostKey key) throws BistroException {
        return port.getPost(key, null);
    }

    static PostKey id(String id) {
        var key = new PostKey();
        key.setId(id);
        return key;
    }

    static PostKey slug(String slug) {
        var key = new PostKey();
        key.setSlug(slug);
        return key;
    }

    static SignIn credentials(String password) {
        var credentials = new SignIn();
        credentials.setEmail(Main.told("WREN_EMAIL"));
        credentials.setPassword(password);
        return credentials;
    }

    static PostOrder order(String field, OrderDirection direction) {
        var order = new PostOrder();
        order.setField(field);
        order.setDirection(direction);
        return order;
    }

    static StringFilter equal(String value) {
        var filter = new StringFilter();
        filter.setEq(value);
        return filter;
    }

    static List<String> slugs(List<Post> posts) {
        return posts.stream().map(Post::getSlug).toList();
    }

    static XMLGregorianCalendar time(String text) {
        return DatatypeFactory.newDefaultInstance().newXMLGregorianCalendar(text);
    }
}
