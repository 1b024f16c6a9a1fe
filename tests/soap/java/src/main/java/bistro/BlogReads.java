package bistro;

import blog.BistroException;
import blog.ListPosts;
import blog.OrderDirection;
import blog.PostFilter;
import blog.Status;
import blog.StatusFilter;
import blog.StringFilter;
import blog.TagFilter;
import blog.TagListFilter;
import blog.UserFilter;
import blog.UserKey;
import java.util.ArrayList;
import java.util.List;

/** Reading the blog. */
final class BlogReads {
    private static final String BREAD = "01920000-0001-7000-8000-000000000001";

    private final Blog blog;

    BlogReads(Blog blog) {
        this.blog = blog;
    }

    List<Case> cases() {
        return List.of(
                new Case("a relation and what it leads to", this::related, List.of(
                        "bread-that-waits", "Amara Okafor", "Zoë Lindqvist", "Jürgen Weiß", "Amara Okafor", "Nguyễn Minh Hương")),
                new Case("or, in, not", this::alternatives, List.of("a-clock-that-ran-backwards", "bread-that-waits")),
                new Case("an order", () -> {
                    var asked = new ListPosts();
                    asked.getOrderBy().add(Blog.order("author.name", OrderDirection.DESC));
                    asked.getOrderBy().add(Blog.order("slug", null));
                    asked.setFirst(2L);
                    return Blog.slugs(blog.anyone.listPosts(asked).getPost());
                }, List.of("letters-in-library-books", "one-tree-three-hundred-mornings")),
                new Case("pages", this::pages, List.of(8, 8, 5)),
                new Case("a total", () -> {
                    var asked = new ListPosts();
                    asked.setWithTotal(true);
                    return blog.anyone.listPosts(asked).getTotalCount();
                }, 21L),
                new Case("search", () -> {
                    var asked = new ListPosts();
                    asked.setSearch("yeast");
                    return Blog.slugs(blog.anyone.listPosts(asked).getPost());
                }, List.of("bread-that-waits")),
                new Case("by id", () -> Blog.get(blog.anyone, Blog.id(BREAD)).getPublishedAt(), Blog.time("2024-10-05T06:30:00Z")),
                new Case("by another key", () -> Blog.get(blog.anyone, Blog.slug("bread-that-waits")).getId(), BREAD),
                new Case("many scripts", () -> {
                    var key = new UserKey();
                    key.setHandle("yoko");
                    return blog.anyone.getUser(key, null).getName();
                }, "山田 陽子"));
    }

    private List<String> related() throws BistroException {
        var kitchen = new TagFilter();
        kitchen.setSlug(Blog.equal("kitchen"));
        var tags = new TagListFilter();
        tags.setSome(kitchen);
        var published = new StatusFilter();
        published.setEq(Status.PUBLISHED);
        var filter = new PostFilter();
        filter.setStatus(published);
        filter.setTags(tags);
        var asked = new ListPosts();
        asked.setFilter(filter);
        asked.getOrderBy().add(Blog.order("slug", null));
        asked.setFirst(1L);
        asked.getInclude().addAll(List.of("author", "comments.author"));
        var post = blog.anyone.listPosts(asked).getPost().get(0);
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
        huong.getAuthor().setHandle(Blog.equal("huong"));
        var asked = new ListPosts();
        asked.setFilter(new PostFilter());
        asked.getFilter().getOr().addAll(List.of(one, other));
        asked.getFilter().setNot(huong);
        asked.getOrderBy().add(Blog.order("slug", null));
        return Blog.slugs(blog.anyone.listPosts(asked).getPost());
    }

    private List<Integer> pages() throws BistroException {
        var asked = new ListPosts();
        asked.getOrderBy().add(Blog.order("slug", null));
        asked.setFirst(8L);
        var lengths = new ArrayList<Integer>();
        var found = new ArrayList<String>();
        for (;;) {
            var page = blog.anyone.listPosts(asked);
            lengths.add(page.getPost().size());
            found.addAll(Blog.slugs(page.getPost()));
            if (!page.isHasNextPage()) {
                return found.equals(found.stream().sorted().distinct().toList()) ? lengths : List.of();
            }
            asked.setAfter(page.getEndCursor());
        }
    }
}
