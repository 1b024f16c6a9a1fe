package bistro;

import java.util.List;
import nil.BistroException;
import nil.BistroPort;
import nil.ObjectFactory;
import nil.PostKey;
import nil.PostUpdate;

/** The blog's document that declares nulls, where what may be null is a JAXBElement in a change. */
final class Nulls {
    private final BistroPort service;

    Nulls(BistroPort port) {
        service = Callers.key(port, Main.told("BLOG_SECRET"));
    }

    List<Case> cases() {
        return List.of(new Case("kept, then null", this::changes, List.of("Kept", "Kept", "none")));
    }

    /** What is left of a note by one that is set, one that is not, and one that is null. */
    private List<String> changes() throws BistroException {
        var notes = new ObjectFactory();
        var kept = new PostUpdate();
        kept.setNote(notes.createPostUpdateNote("Kept"));
        var none = new PostUpdate();
        none.setNote(notes.createPostUpdateNote(null));
        return List.of(left(kept), left(new PostUpdate()), left(none));
    }

    private String left(PostUpdate set) throws BistroException {
        var key = new PostKey();
        key.setSlug("bread-that-waits");
        var note = service.updatePost(key, set, null, null).getNote();
        return note == null ? "none" : note;
    }
}
