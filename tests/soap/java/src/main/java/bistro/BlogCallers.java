package bistro;

import blog.BistroException;
import blog.BistroPort;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.wss4j.dom.WSConstants;

/** Who asks the blog, and who is turned away. */
final class BlogCallers {
    private final Blog blog;

    BlogCallers(Blog blog) {
        this.blog = blog;
    }

    List<Case> cases() {
        var secret = Main.told("BLOG_SECRET");
        var email = Main.told("WREN_EMAIL");
        return List.of(
                new Case("a key by header", () -> blog.anyone.countPosts(null, null), 21L),
                new Case("a key by Basic", () -> Callers.basic(blog.port(), secret).countPosts(null, null) > 24, true),
                new Case("a key in a UsernameToken", () -> blog.token("apikey", secret).countPosts(null, null) > 24, true),
                new Case("nobody", () -> Refusal.of(() -> blog.port().countPosts(null, null)), 401),
                new Case("signing in", () -> {
                    var got = blog.anyone.signIn(Blog.credentials(Main.told("WREN_PASSWORD")));
                    var lasts = got.getExpiresAt() > System.currentTimeMillis() / 1000;
                    return List.of(got.getTokenType(), got.getExpiresIn(), lasts);
                }, List.of("bearer", 3600, true)),
                new Case("a person by bearer", () -> {
                    var session = blog.anyone.signIn(Blog.credentials(Main.told("WREN_PASSWORD")));
                    return byWren(Callers.bearer(blog.port(), session.getAccessToken()), "bearer");
                }, Main.told("WREN_ID")),
                new Case("a person by UsernameToken", () -> byWren(blog.wren(), "username"), Main.told("WREN_ID")),
                headers("a wrong password in a UsernameToken", () -> blog.token(email, "a wrong password"), "FailedAuthentication"),
                headers("a wrong key in a UsernameToken", () -> blog.token("apikey", "x"), "FailedAuthentication"),
                headers("a digest", () -> Callers.token(blog.port(), email, "x", WSConstants.PW_DIGEST), "UnsupportedSecurityToken"));
    }

    private String byWren(BistroPort port, String name) throws BistroException {
        var post = blog.draft(name, made -> made.setAuthorId(null));
        return port.createPost(post, null).getAuthorId();
    }

    /** The kind alone: SOAP 1.1 has no detail in a fault of the header. */
    private static Case headers(String name, Callable<BistroPort> port, String expected) {
        Callable<?> kind = () -> Blog.refused(() -> port.call().countPosts(null, null)).toString().split(" ")[0];
        return new Case(name, kind, expected);
    }
}
