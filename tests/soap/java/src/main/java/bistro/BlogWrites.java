package bistro;

import blog.BistroException;
import blog.CreatePosts;
import blog.CreateTags;
import blog.ListTags;
import blog.PostCreate;
import blog.PostFilter;
import blog.PostUpdate;
import blog.Status;
import blog.StringFilter;
import blog.TagCreate;
import blog.TagFilter;
import blog.TagOrder;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/** Writing into the blog, and what is refused. */
final class BlogWrites {
    private static final String UNKNOWN = "01920000-0001-7000-8000-00000000ffff";
    private static final String SPACES = "  two  spaces,\ta tab,\r\nlines\n";
    private static final int MANY = 1_000;

    private final Blog blog;

    BlogWrites(Blog blog) {
        this.blog = blog;
    }

    List<Case> cases() {
        return List.of(
                new Case("create, update, delete", this::written, List.of(
                        Main.WORDS, SPACES, Status.DRAFT, "Kept", Blog.time("2024-05-01T07:00:00Z"),
                        "Other", SPACES, true, "NotFound BIS-408")),
                new Case("create many, all or none", this::bulk, List.of(2L, "Conflict 23505", 0L)),
                new Case("a thousand rows", this::thousand, List.of((long) MANY, true, false)),
                creation("a value that is taken", blog.draft("x", post -> post.setSlug("bread-that-waits")), "Conflict 23505"),
                creation("a condition", blog.draft("check", post -> post.setStatus(Status.PUBLISHED)), "BadRequest 23514"),
                refusal("no such row", () -> Blog.get(blog.anyone, Blog.id(UNKNOWN)), "NotFound BIS-408"),
                refusal("a rule", () -> blog.wren().createPost(blog.draft("rule", post -> {}), null), "Forbidden 42501"),
                refusal("a wrong password", () -> blog.anyone.signIn(Blog.credentials("a wrong password")),
                        "FailedAuthentication invalid_credentials"));
    }

    private List<Object> written() throws Exception {
        var key = Blog.slug(blog.name("made"));
        var made = blog.service.createPost(blog.draft("made", post -> {
            post.setTitle(Main.WORDS);
            post.setBody(SPACES);
            post.setNote("Kept");
            post.setPublishedAt(Blog.time("2024-05-01T12:30:00+05:30"));
        }), null);
        var set = new PostUpdate();
        set.setTitle("Other");
        var changed = blog.service.updatePost(key, set, List.of("note"), null);
        blog.service.deletePost(key, null);
        return List.of(
                made.getTitle(), made.getBody(), made.getStatus(), made.getNote(), made.getPublishedAt(), changed.getTitle(),
                changed.getBody(), changed.getNote() == null, Blog.refused(() -> Blog.get(blog.service, key)));
    }

    private List<Object> bulk() throws Exception {
        var asked = new CreatePosts();
        asked.getInput().addAll(List.of(blog.draft("one", post -> {}), blog.draft("two", post -> {})));
        var made = blog.service.createPosts(asked);
        var clash = new CreatePosts();
        var taken = blog.draft("four", post -> post.setSlug("bread-that-waits"));
        clash.getInput().addAll(List.of(blog.draft("three", post -> {}), taken));
        var filter = new PostFilter();
        filter.setSlug(Blog.equal(blog.name("three")));
        var refused = Blog.refused(() -> blog.service.createPosts(clash));
        return List.of(made.getCount(), refused, blog.service.countPosts(filter, null));
    }

    private List<Object> thousand() throws BistroException {
        var asked = new CreateTags();
        IntStream.range(0, MANY).forEach(n -> {
            var tag = new TagCreate();
            tag.setSlug("%s-%04d".formatted(blog.name("many"), n));
            tag.setName("%s %d 数".formatted(blog.version, n));
            asked.getInput().add(tag);
        });
        var made = blog.service.createTags(asked);
        var list = new ListTags();
        list.setFilter(new TagFilter());
        list.getFilter().setSlug(new StringFilter());
        list.getFilter().getSlug().setStartsWith(blog.name("many") + "-");
        list.setFirst((long) MANY);
        var order = new TagOrder();
        order.setField("slug");
        list.getOrderBy().add(order);
        var page = blog.anyone.listTags(list);
        var written = asked.getInput().stream().map(tag -> tag.getSlug() + tag.getName()).toList();
        var read = page.getTag().stream().map(tag -> tag.getSlug() + tag.getName()).toList();
        return List.of(made.getCount(), read.equals(written), page.isHasNextPage());
    }

    private Case creation(String name, PostCreate input, String expected) {
        return refusal(name, () -> blog.service.createPost(input, null), expected);
    }

    private static Case refusal(String name, Callable<?> call, String expected) {
        return new Case(name, () -> Blog.refused(call), expected);
    }
}
