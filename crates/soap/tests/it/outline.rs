//! Envelopes that are well-formed, and wrong around or between what is asked: each is told what of it is out of place.

use crate::hostile::{BRIEF, V11, check, repeated};
use crate::seat::{Backend, Running, envelope};

const V12: &str = "application/soap+xml; charset=utf-8";
const OWN: &str = "xmlns=\"urn:bistro:v1\"";

#[test]
fn outlines_that_are_wrong_are_told_in_their_version() {
    let running = Running::over(Backend::Memory);
    let (s11, s12) = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope");
    let of = |space: &str, inner: &str| format!("<s:Envelope xmlns:s=\"{space}\">{inner}</s:Envelope>");
    let count = format!("<s:Body><CountPosts {OWN}/></s:Body>");
    let check =
        |content_type: &str, body: &str, expected: (u16, &str)| check(&running, content_type, body, expected);
    check(V11, &of(s11, &count), (200, "<count>3</count>"));
    check(V12, &of(s12, &count), (200, "<count>3</count>"));
    check(V11, &of(s12, &count), (500, "soap:VersionMismatch"));
    // SOAP 1.1: without a detail nothing of the body was looked at.
    check(V11, &of(s12, &count), (500, "SOAP 1.2 as application/soap+xml.</faultstring></soap:Fault>"));
    check(V12, &of(s11, &count), (500, "<soap:SupportedEnvelope"));
    check(V12, &of("urn:other", &count), (500, "soap:VersionMismatch"));
    let must = |space: &str, more: &str| {
        of(space, &format!("<s:Header><x xmlns=\"urn:x\" s:mustUnderstand=\"1\"{more}/></s:Header>{count}"))
    };
    check(V11, &must(s11, ""), (500, "soap:MustUnderstand"));
    check(V12, &must(s12, ""), (500, "soap:MustUnderstand"));
    // SOAP 1.2: the header of the fault names all of them.
    let block =
        |name: &str, space: &str| format!("<n:{name} xmlns:n=\"{space}\" s:mustUnderstand=\"true\"/>");
    let blocks = [block("a", "urn:&amp;&quot;"), block("b", "urn:b"), "<c s:mustUnderstand=\"1\"/>".into()];
    check(
        V12,
        &of(s12, &format!("<s:Header>{}</s:Header>{count}", blocks.concat())),
        (
            500,
            "<soap:Header><soap:NotUnderstood xmlns:n=\"urn:&amp;&quot;\" qname=\"n:a\"/>\
             <soap:NotUnderstood xmlns:n=\"urn:b\" qname=\"n:b\"/><soap:NotUnderstood qname=\"c\"/></soap:Header><soap:Body>",
        ),
    );
    check(V11, &must(s11, " s:actor=\"urn:somebody\""), (200, "<count>"));
    check(V12, &must(s12, " s:role=\"urn:somebody\""), (200, "<count>"));
    check(
        V12,
        &must(s12, " s:role=\"http://www.w3.org/2003/05/soap-envelope/role/next\""),
        (500, "MustUnderstand"),
    );
    check(V12, &of(s12, &format!("{count}{count}")), (400, "An envelope has one Body"));
    check(V12, &of(s12, ""), (400, "soap:Sender"));
    check(V12, "<a", (400, "b:BadRequest"));
    let declared = |declaration: &str| format!("<?xml {declaration}?>{}", of(s11, &count));
    check(V11, &declared("version='1.0' encoding='utf-8' standalone='yes'"), (200, "<count>"));
    check(V11, &declared("version='1.1'"), (500, "XML 1.1 is not read here: send XML 1.0"));
    check(V11, &of(s11, &format!("<!-- a -- b -->{count}")), (500, "not well-formed"));
    check("text/xml; charset=\"UTF-8\"", &of(s11, &count), (200, "<count>"));
    check("application/soap+xml; action=\"urn:bistro:v1/CountPosts\"", &of(s12, &count), (200, "<count>"));
    check("application/soap+xml; action=\"urn:bistro:v1/GetPost\"", &of(s12, &count), (400, "BIS-423"));
    check("text/xml; charset=iso-8859-1", &of(s11, &count), (415, "BIS-105"));
    check("application/json", "{}", (415, "BIS-105"));
    check("multipart/related; type=\"application/xop+xml\"", "--x", (415, "MTOM"));
    check("", &of(s11, &count), (415, "BIS-105"));
}

/// What is right XML, and nothing that the service knows.
#[test]
fn what_is_out_of_place_is_told() {
    let running = Running::over(Backend::Memory);
    let check = |element: &str, expected: (u16, &str)| check(&running, V11, envelope(element), expected);
    let nil = "xsi:nil=\"true\"";
    check(&format!("<GetPost {nil}/>"), (500, "GetPost wants an element key"));
    check(&format!("<GetPost><key {nil}/></GetPost>"), (500, "GetPost wants an element key"));
    check(&format!("<GetPost><key><id {nil}/></key></GetPost>"), (500, "/GetPost/key/id"));
    check(&format!("<CountPosts><filter {nil}/></CountPosts>"), (200, "<count>3</count>"));
    check(
        &format!("<CountPosts><filter><title {nil}/></filter></CountPosts>"),
        (500, "/CountPosts/filter/title"),
    );
    check(
        &format!("<CountPosts><filter><or {nil}/></filter></CountPosts>"),
        (500, "/CountPosts/filter/or[1]"),
    );
    check(
        &format!("<CountPosts><filter><stars><in>1</in><in {nil}/></stars></filter></CountPosts>"),
        (500, "in[2]"),
    );
    check(&format!("<CreatePost><input {nil}/></CreatePost>"), (500, "CreatePost wants an element input"));
    check("<GetPost><key>1</key></GetPost>", (500, "Elements are wanted in key, not text"));
    check("<GetPost><key><id xmlns=\"\">1</id></key></GetPost>", (500, "id is in no namespace"));
    check("<GetPost><key><id xmlns=\"urn:x\">1</id></key></GetPost>", (500, "id is in another namespace"));
    check(
        "<GetPost><key><id>1</id></key><key><id>1</id></key></GetPost>",
        (500, "key is there more than once"),
    );
    check("<GetPost><key><id>1</id><id>1</id></key></GetPost>", (500, "id is there more than once"));
    check("<GetPost xmlns=\"urn:x\"/>", (500, "The attribute xmlns is there twice"));
    check("<GetPost><key id=\"1\"/></GetPost>", (500, "key takes no attribute id"));
    check(
        "<GetPost><key><id xsi:nil=\"maybe\">1</id></key></GetPost>",
        (500, "xsi:nil of id is true or false"),
    );
    check("<CountPosts xmlns:p=\"urn:p\" p:a=\"1\" xmlns:q=\"urn:q\" q:a=\"2\"/>", (200, "<count>3</count>"));
    check(
        "<CountPosts xmlns:p=\"urn:p\" p:a=\"1\" xmlns:q=\"urn:p\" q:a=\"2\"/>",
        (500, "The attribute a is there twice"),
    );
    let inner = "<slug><eq>a</eq></slug>";
    let nots = |levels| format!("{}{inner}{}", repeated("<not>", levels), repeated("</not>", levels));
    check(&format!("<CountPosts><filter>{}</filter></CountPosts>", nots(50)), (200, "<count>"));
    check(&format!("<CountPosts><filter>{}</filter></CountPosts>", nots(61)), (500, "BIS-106"));
    check("<ListPosts><first>-1</first></ListPosts>", (500, "/ListPosts/first"));
    check("<ListPosts><first>18446744073709551616</first></ListPosts>", (500, "/ListPosts/first"));
}

#[test]
fn bytes_are_read_as_what_they_are() {
    let running = Running::over(Backend::Memory);
    let text = envelope("<CountPosts/>");
    let units =
        |one: fn(u16) -> [u8; 2]| format!("\u{FEFF}{text}").encode_utf16().flat_map(one).collect::<Vec<_>>();
    let check = |content_type: &str, body: &[u8], expected: (u16, &str)| {
        check(&running, content_type, body, expected)
    };
    check(V11, &units(u16::to_le_bytes), (200, "<count>3</count>"));
    check("text/xml; charset=utf-16", &units(u16::to_be_bytes), (200, "<count>3</count>"));
    check(V11, &units(u16::to_le_bytes)[1..], (500, "BIS-420"));
    check(V11, &[text.as_bytes(), b"\xFF"].concat(), (500, "The body is not UTF-8 at byte"));
    check(V11, &text.as_bytes()[..text.len() - 3], (500, "BIS-420"));
    check(V11, &[0; 1_000_000], (500, "BIS-420"));
    check(V11, &[0xFF; 1_000_000], (500, "BIS-420"));
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{text}");
    check(V11, declared("UTF-8").as_bytes(), (200, "<count>3</count>"));
    check(V11, declared("us-ascii").as_bytes(), (200, "<count>3</count>"));
    check(V11, declared("ISO-8859-1").as_bytes(), (500, "The encoding ISO-8859-1 is not read here"));
    check(V11, declared(&"x".repeat(900_000)).as_bytes(), (500, "BIS-420"));
    check(V11, format!(" {}", declared("UTF-8")).as_bytes(), (500, "at the very beginning alone"));
    check(V11, b"", (500, "There is no XML element"));
}

#[test]
fn actions_are_absent_or_those_of_the_operation() {
    let running = Running::over(Backend::Memory);
    let check = |action: &str, status: u16| {
        let headers = [("content-type", V11), ("soapaction", action)];
        let response = running.send_with("anon", &headers, envelope("<CountPosts/>"));
        let text = String::from_utf8_lossy(&response.body);
        assert_eq!(response.status, status, "{action}: {text}");
        assert_eq!(text.contains("<code>BIS-423</code>"), status == 500, "{action}: {text}");
        assert!(text.len() < BRIEF);
    };
    check("", 200);
    check("\"\"", 200);
    check("urn:bistro:v1/CountPosts", 200);
    check("\"urn:bistro:v1/CountPosts\"", 200);
    check("\"urn:bistro:v1/DeletePost\"", 500);
    check("CountPosts", 500);
    check("urn:bistro:v1/countposts", 500);
    check("urn:bistro:v1//CountPosts", 500);
    check("urn:other/CountPosts", 500);
    check(&repeated("x", 100_000), 500);
}
