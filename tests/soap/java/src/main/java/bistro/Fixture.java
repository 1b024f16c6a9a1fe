package bistro;

import fixture.ArrayOfString;
import fixture.BistroException;
import fixture.BistroPort;
import fixture.Book;
import fixture.BookCreate;
import fixture.BookKey;
import fixture.CharacterCreate;
import fixture.CharacterKey;
import fixture.IssueCreate;
import fixture.IssueKey;
import fixture.Presence;
import fixture.SeatKey;
import fixture.UserCreate;
import fixture.UserKey;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.datatype.XMLGregorianCalendar;

/** What is asked of the fixture: every kind of value, there and back. */
final class Fixture {
    private static final String TEXT = "  two  spaces,\ta tab,\r\nlines\n" + Main.WORDS;

    private final BistroPort service;

    Fixture(BistroPort port) {
        service = Callers.key(port, Main.told("FIXTURE_SECRET"));
    }

    /** A field of a book: how it is given and read. */
    private record Field<T>(String name, BiConsumer<BookCreate, T> give, Function<Book, T> read) {}

    private static final Field<BigDecimal> PRICE = new Field<>("price", BookCreate::setPrice, Book::getPrice);
    private static final Field<Integer> PAGES = new Field<>("pages", BookCreate::setPages, Book::getPages);
    private static final Field<Double> RATING = new Field<>("rating", BookCreate::setRating, Book::getRating);
    private static final Field<XMLGregorianCalendar> PUBLISHED =
            new Field<>("published", BookCreate::setPublished, Book::getPublished);
    private static final Field<XMLGregorianCalendar> OPENS = new Field<>("opens", BookCreate::setOpens, Book::getOpens);
    private static final Field<XMLGregorianCalendar> ADDED = new Field<>("added_at", BookCreate::setAddedAt, Book::getAddedAt);
    private static final Field<String> AUTHOR = new Field<>("author", BookCreate::setAuthor, Book::getAuthor);
    private static final Field<Boolean> SIGNED = new Field<>("signed", BookCreate::setSigned, Book::isSigned);
    private static final Field<String> SERIAL = new Field<>("serial", BookCreate::setSerial, Book::getSerial);
    private static final Field<byte[]> COVER = new Field<>("cover", BookCreate::setCover, Book::getCover);

    List<Case> cases() {
        var values = Stream.of(
                value(PRICE, new BigDecimal("12345678.90")), value(PRICE, new BigDecimal("-0.01")),
                value(PAGES, Integer.MAX_VALUE), value(RATING, 0.1), value(RATING, -1.5e300),
                value(PUBLISHED, Blog.time("1999-12-31")), value(OPENS, Blog.time("08:30:00")),
                value(ADDED, Blog.time("2024-02-29T23:59:59.123456+05:30"), Blog.time("2024-02-29T18:29:59.123456Z")),
                value(AUTHOR, TEXT), value(AUTHOR, ""), value(SIGNED, false),
                value(SERIAL, "0d0e6c1e-7e5c-4f3a-9a64-5a3d3c1f0001"), value(COVER, bytes()), value(COVER, new byte[0]));
        var others = Stream.of(
                new Case("64 bits", this::numbers, List.of(true, true)),
                new Case("lists", this::lists, List.of(List.of("a", "b, c", Main.WORDS, ""), List.of(), "none")),
                new Case("a key of two fields", () -> {
                    var key = new SeatKey();
                    key.setRowNo(1);
                    key.setSeatNo(1);
                    return service.getSeat(key, null).getGuest();
                }, "Ada"),
                new Case("JSON and an enum", this::document, List.of("{\"city\":\"Осло\"}", Presence.ONLINE)));
        return Stream.concat(values, others).toList();
    }

    private <T> Case value(Field<T> field, T value) {
        return value(field, value, value);
    }

    private <T> Case value(Field<T> field, T value, T comes) {
        return new Case("%s %.40s".formatted(field.name(), value), () -> {
            var input = new BookCreate();
            input.setTitle("T");
            field.give().accept(input, value);
            var made = service.createBook(input, null);
            var key = new BookKey();
            key.setId(made.getId());
            var read = service.getBook(key, null);
            var left = service.updateBook(key, null, List.of(field.name()), null);
            service.deleteBook(key, null);
            return new Object[] {field.read().apply(made), field.read().apply(read), field.read().apply(left)};
        }, new Object[] {comes, comes, null});
    }

    /** Keys at the ends of 64 bits; some are kept for keys that count up. */
    private List<Boolean> numbers() throws BistroException {
        var found = new ArrayList<Boolean>();
        for (var id : new long[] {9_223_372_032_559_808_511L, Long.MIN_VALUE}) {
            var input = new CharacterCreate();
            input.setId(id);
            service.createCharacter(input, null);
            var key = new CharacterKey();
            key.setId(id);
            found.add(service.deleteCharacter(key, null).getId() == id);
        }
        return found;
    }

    private List<Object> lists() throws BistroException {
        var found = new ArrayList<Object>();
        for (var tags : new String[][] {{"a", "b, c", Main.WORDS, ""}, {}, null}) {
            var input = new IssueCreate();
            if (tags != null) {
                input.setTags(new ArrayOfString());
                input.getTags().getItem().addAll(List.of(tags));
            }
            var made = service.createIssue(input, null);
            found.add(made.getTags() == null ? "none" : made.getTags().getItem());
            var key = new IssueKey();
            key.setId(made.getId());
            service.deleteIssue(key, null);
        }
        return found;
    }

    private List<Object> document() throws BistroException {
        var input = new UserCreate();
        input.setAddress("{\"city\": \"Осло\"}");
        input.setStatus(Presence.ONLINE);
        var made = service.createUser(input, null);
        var key = new UserKey();
        key.setId(made.getId());
        service.deleteUser(key, null);
        return List.of(made.getAddress().replace(" ", ""), made.getStatus());
    }

    private static byte[] bytes() {
        var bytes = new byte[256];
        IntStream.range(0, bytes.length).forEach(n -> bytes[n] = (byte) n);
        return bytes;
    }
}
