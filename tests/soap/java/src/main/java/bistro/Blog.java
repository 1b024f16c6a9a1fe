package bistro;

import blog.Bistro;
import blog.BistroException;
import blog.BistroPort;
import blog.CreatePosts;
import blog.CreateTags;
import blog.ListPosts;
import blog.ListTags;
import blog.ObjectFactory;
import blog.OrderDirection;
import blog.Post;
import blog.PostCreate;
import blog.PostFilter;
import blog.PostKey;
import blog.PostOrder;
import blog.PostUpdate;
import blog.SignIn;
import blog.Status;
import blog.StatusFilter;
import blog.StringFilter;
import blog.TagCreate;
import blog.TagFilter;
import blog.TagListFilter;
import blog.TagOrder;
import blog.UserFilter;
import blog.UserKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import org.apache.wss4j.dom.WSConstants;

/** What is asked of the blog. */
final class Blog {
    private static final String AMARA = "01920000-0000-7000-8000-000000000001";
    private static final String BREAD = "01920000-0001-7000-8000-000000000001";
    private static final String UNKNOWN = "01920000-0001-7000-8000-00000000ffff";
    private static final String SPACES = "  two  spaces,\ta tab,\r\nlines\n";
    private static final int MANY = 1_000;

    private final String version;
    private final Function<Bistro, BistroPort> choice;
    private final Bistro document;
    private final BistroPort service;
    private final BistroPort anyone;

    Blog(Bistro document, String version, Function<Bistro, BistroPort> choice) {
        this.document = document;
        this.version = version;
        this.choice = choice;
        service = Callers.key(port(), Main.told("BLOG_SECRET"));
        anyone = Callers.key(port(), Main.told("BLOG_KEY"));
    }

    List<Case> cases() throws Exception {
        var cases = new ArrayList<>(callers());
        cases.addAll(reads());
        cases.addAll(writes());
        cases.addAll(refusals());
        return cases;
    }

    private List<Case> callers() {
        var secret = Main.told("BLOG_SECRET");
        return List.of(
                new Case("a key by header", () -> anyone.countPosts(null, null), 21L),
                new Case("a key by Basic", () -> Callers.basic(port(), secret).countPosts(null, null) > 24, true),
                new Case("a key in a UsernameToken", () -> token("apikey", secret).countPosts(null, null) > 24, true),
                new Case("nobody", () -> Refusal.of(() -> port().countPosts(null, null)), 401),
                new Case("signing in", () -> {
                    var got = anyone.signIn(credentials(Main.told("WREN_PASSWORD")));
                    return List.of(got.getTokenType(), got.getExpiresIn(), got.getExpiresAt() > System.currentTimeMillis() / 1000);
                }, List.of("bearer", 3600, true)),
                new Case("a person by bearer", () -> {
                    var session = anyone.signIn(credentials(Main.told("WREN_PASSWORD")));
                    return byWren(Callers.bearer(port(), session.getAccessToken()), "bearer");
                }, Main.told("WREN_ID")),
                new Case("a person by UsernameToken", () -> byWren(wren(), "username"), Main.told("WREN_ID")));
    }

    private List<Case> reads() {
        return List.of(
                new Case("a relation and what it leads to", this::related, List.of(
                        "bread-that-waits", "Amara Okafor", "Zoë Lindqvist", "Jürgen Weiß", "Amara Okafor", "Nguyễn Minh Hương")),
                new Case("or, in, not", this::alternatives, List.of("a-clock-that-ran-backwards", "bread-that-waits")),
                new Case("an order", () -> {
                    var asked = new ListPosts();
                    asked.getOrderBy().add(order("author.name", OrderDirection.DESC));
                    asked.getOrderBy().add(order("slug", null));
                    asked.setFirst(2L);
                    return slugs(anyone.listPosts(asked).getPost());
                }, List.of("letters-in-library-books", "one-tree-three-hundred-mornings")),
                new Case("pages", this::pages, List.of(8, 8, 5)),
                new Case("a total", () -> {
                    var asked = new ListPosts();
                    asked.setWithTotal(true);
                    return anyone.listPosts(asked).getTotalCount();
                }, 21L),
                new Case("search", () -> {
                    var asked = new ListPosts();
                    asked.setSearch("yeast");
                    return slugs(anyone.listPosts(asked).getPost());
                }, List.of("bread-that-waits")),
                new Case("by id", () -> get(anyone, id(BREAD)).getPublishedAt(), time("2024-10-05T06:30:00Z")),
                new Case("by another key", () -> get(anyone, slug("bread-that-waits")).getId(), BREAD),
                new Case("many scripts", () -> {
                    var key = new UserKey();
                    key.setHandle("yoko");
                    return anyone.getUser(key, null).getName();
                }, "山田 陽子"));
    }

    private List<Case> writes() {
        return List.of(
                new Case("create, update, delete", this::written, List.of(
                        Main.WORDS, SPACES, Status.DRAFT, "Kept", time("2024-05-01T07:00:00Z"), "Other", SPACES, true, "NotFound BIS-408")),
                new Case("create many, all or none", this::bulk, List.of(2L, "Conflict 23505", 0L)),
                new Case("a thousand rows", this::thousand, List.of((long) MANY, true, false)));
    }

    private List<Case> refusals() {
        return List.of(
                refusal("a value that is taken", () -> service.createPost(draft("x", post -> post.setSlug("bread-that-waits"))), "Conflict 23505"),
                refusal("no such row", () -> get(anyone, id(UNKNOWN)), "NotFound BIS-408"),
                refusal("a rule", () -> wren().createPost(draft("rule", post -> {})), "Forbidden 42501"),
                refusal("a condition", () -> service.createPost(draft("check", post -> post.setStatus(Status.PUBLISHED))), "BadRequest 23514"),
                refusal("a wrong password", () -> anyone.signIn(credentials("a wrong password")), "FailedAuthentication invalid_credentials"),
                headers("a wrong password in a UsernameToken", () -> token(Main.told("WREN_EMAIL"), "a wrong password"), "FailedAuthentication"),
                headers("a wrong key in a UsernameToken", () -> token("apikey", "x"), "FailedAuthentication"),
                headers("a digest", () -> Callers.token(port(), Main.told("WREN_EMAIL"), "x", WSConstants.PW_DIGEST), "UnsupportedSecurityToken"));
    }

    private Case refusal(String name, Callable<?> call, String expected) {
        return new Case(name, () -> refused(call), expected);
    }

    /** The kind alone: SOAP 1.1 has no detail in a fault of the header. */
    private static Case headers(String name, Callable<BistroPort> port, String expected) {
        return new Case(name, () -> String.valueOf(refused(() -> port.call().countPosts(null, null))).split(" ")[0], expected);
    }

    private static Object refused(Callable<?> call) throws Exception {
        try {
            return Refusal.of(call);
        } catch (BistroException refused) {
            return refused.getFaultInfo().getKind() + " " + refused.getFaultInfo().getCode();
        }
    }

    private List<String> related() throws BistroException {
        var kitchen = new TagFilter();
        kitchen.setSlug(equal("kitchen"));
        var tags = new TagListFilter();
        tags.setSome(kitchen);
        var published = new StatusFilter();
        published.setEq(Status.PUBLISHED);
        var filter = new PostFilter();
        filter.setStatus(published);
        filter.setTags(tags);
        var asked = new ListPosts();
        asked.setFilter(filter);
        asked.getOrderBy().add(order("slug", null));
        asked.setFirst(1L);
        asked.getInclude().addAll(List.of("author", "comments.author"));
        var post = anyone.listPosts(asked).getPost().get(0);
        var found = new ArrayList<>(List.of(post.getSlug(), post.getAuthor().getName()));
        post.getComments().forEach(comment -> found.add(comment.getAuthor().getName()));
        return found;
    }

    private List<String> alternatives() throws BistroException {
        var one = new PostFilter();
        one.setSlug(new StringFilter());
        one.getSlug().getIn().addAll(List.of("bread-that-waits", "pho-for-beginners"));
        var other = new PostFilter();
        other.setTitle(new StringFilter());
        other.getTitle().setLike("%clock%");
        var huong = new PostFilter();
        huong.setAuthor(new UserFilter());
        huong.getAuthor().setHandle(equal("huong"));
        var asked = new ListPosts();
        asked.setFilter(new PostFilter());
        asked.getFilter().getOr().addAll(List.of(one, other));
        asked.getFilter().setNot(huong);
        asked.getOrderBy().add(order("slug", null));
        return slugs(anyone.listPosts(asked).getPost());
    }

    private List<Integer> pages() throws BistroException {
        var asked = new ListPosts();
        asked.getOrderBy().add(order("slug", null));
        asked.setFirst(8L);
        var lengths = new ArrayList<Integer>();
        var found = new ArrayList<String>();
        for (;;) {
            var page = anyone.listPosts(asked);
            lengths.add(page.getPost().size());
            found.addAll(slugs(page.getPost()));
            if (!page.isHasNextPage()) {
                return found.equals(found.stream().sorted().distinct().toList()) ? lengths : List.of();
            }
            asked.setAfter(page.getEndCursor());
        }
    }

    private List<Object> written() throws Exception {
        var key = slug(name("made"));
        var made = service.createPost(draft("made", post -> {
            post.setTitle(Main.WORDS);
            post.setBody(SPACES);
            post.setNote("Kept");
            post.setPublishedAt(time("2024-05-01T12:30:00+05:30"));
        }));
        var set = new PostUpdate();
        set.setTitle("Other");
        set.setNote(new ObjectFactory().createPostUpdateNote(null));
        var changed = service.updatePost(key, set);
        service.deletePost(key);
        return List.of(
                made.getTitle(), made.getBody(), made.getStatus(), made.getNote(), made.getPublishedAt(), changed.getTitle(),
                changed.getBody(), changed.getNote() == null, refused(() -> get(service, key)));
    }

    private List<Object> bulk() throws Exception {
        var asked = new CreatePosts();
        asked.getInput().addAll(List.of(draft("one", post -> {}), draft("two", post -> {})));
        var made = service.createPosts(asked);
        var clash = new CreatePosts();
        clash.getInput().addAll(List.of(draft("three", post -> {}), draft("four", post -> post.setSlug("bread-that-waits"))));
        var filter = new PostFilter();
        filter.setSlug(equal(name("three")));
        return List.of(made.getCount(), refused(() -> service.createPosts(clash)), service.countPosts(filter, null));
    }

    private List<Object> thousand() throws BistroException {
        var asked = new CreateTags();
        IntStream.range(0, MANY).forEach(n -> {
            var tag = new TagCreate();
            tag.setSlug("%s-%04d".formatted(name("many"), n));
            tag.setName("%s %d 数".formatted(version, n));
            asked.getInput().add(tag);
        });
        var made = service.createTags(asked);
        var list = new ListTags();
        list.setFilter(new TagFilter());
        list.getFilter().setSlug(new StringFilter());
        list.getFilter().getSlug().setStartsWith(name("many") + "-");
        list.setFirst((long) MANY);
        var order = new TagOrder();
        order.setField("slug");
        list.getOrderBy().add(order);
        var page = anyone.listTags(list);
        var written = asked.getInput().stream().map(tag -> tag.getSlug() + tag.getName()).toList();
        var read = page.getTag().stream().map(tag -> tag.getSlug() + tag.getName()).toList();
        return List.of(made.getCount(), read.equals(written), page.isHasNextPage());
    }

    private BistroPort port() {
        return Callers.nobody(choice.apply(document));
    }

    private BistroPort token(String name, String password) {
        return Callers.token(port(), name, password, WSConstants.PW_TEXT);
    }

    private BistroPort wren() {
        return token(Main.told("WREN_EMAIL"), Main.told("WREN_PASSWORD"));
    }

    private String byWren(BistroPort port, String name) throws BistroException {
        var post = draft(name, made -> made.setAuthorId(null));
        return port.createPost(post).getAuthorId();
    }

    private PostCreate draft(String name, java.util.function.Consumer<PostCreate> more) {
        var post = new PostCreate();
        post.setTitle("A title");
        post.setSlug(name(name));
        post.setBody("A body.");
        post.setAuthorId(AMARA);
        more.accept(post);
        return post;
    }

    private String name(String name) {
        return name + "-" + version.replace('.', '-');
    }

    private static Post get(BistroPort port, PostKey key) throws BistroException {
        return port.getPost(key, null);
    }

    private static PostKey id(String id) {
        var key = new PostKey();
        key.setId(id);
        return key;
    }

    private static PostKey slug(String slug) {
        var key = new PostKey();
        key.setSlug(slug);
        return key;
    }

    private static SignIn credentials(String password) {
        var credentials = new SignIn();
        credentials.setEmail(Main.told("WREN_EMAIL"));
        credentials.setPassword(password);
        return credentials;
    }

    private static PostOrder order(String field, OrderDirection direction) {
        var order = new PostOrder();
        order.setField(field);
        order.setDirection(direction);
        return order;
    }

    private static StringFilter equal(String value) {
        var filter = new StringFilter();
        filter.setEq(value);
        return filter;
    }

    private static List<String> slugs(List<Post> posts) {
        return posts.stream().map(Post::getSlug).toList();
    }

    static XMLGregorianCalendar time(String text) {
        return DatatypeFactory.newDefaultInstance().newXMLGregorianCalendar(text);
    }
}
