use bistro_mail::{Catch, Mail, Mailer as _};
use bistro_wire::{Request, Response};
use bytes::Bytes;

fn catch(mails: &[(&str, &str)]) -> Catch {
    let catch = Catch::new();
    for (subject, html) in mails {
        let (to, subject, html) =
            ("ada@example.org".to_owned(), (*subject).to_owned(), Some((*html).to_owned()));
        catch
            .send(Mail { to, subject, text: "See https://api.example.org/x?a=1&b=2 <now>".to_owned(), html })
            .unwrap();
    }
    catch
}

fn ask(catch: &Catch, line: &str, headers: &[(&str, &str)]) -> Response {
    let (method, path) = line.split_once(' ').unwrap();
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = Bytes::new();
    catch.handle(&Request { method, path, query: "", headers: &headers, body: &body, id: "test", now: 0 })
}

fn text(response: &Response) -> String {
    String::from_utf8(response.body.to_vec()).unwrap()
}

#[test]
fn mails_are_shown_newest_first_and_one_by_one() {
    let catch = catch(&[("First", "<p>1</p>"), ("Second", "<p>2</p>")]);
    let page = text(&ask(&catch, "GET /dev/mail", &[]));
    assert!(page.find("Second").unwrap() < page.find("First").unwrap(), "{page}");
    assert!(page.contains("&lt;p&gt;2&lt;/p&gt;") && !page.contains("&lt;p&gt;1"), "{page}");
    let page = text(&ask(&catch, "GET /dev/mail/1", &[]));
    assert!(page.contains("<a href=\"/dev/mail/1\" aria-current=\"page\">First"), "{page}");
    assert!(page.contains("&lt;p&gt;1&lt;/p&gt;"), "{page}");
    assert_eq!(ask(&catch, "GET /dev/mail/3", &[]).status, 404);
    assert_eq!(ask(&catch, "GET /dev/mail/x", &[]).status, 404);
    assert_eq!(ask(&catch, "POST /dev/mail", &[]).status, 405);
    let link = "<a href=\"https://api.example.org/x?a=1&amp;b=2\">https://api.example.org/x?a=1&amp;b=2</a> &lt;now&gt;";
    assert!(page.contains(link), "{page}");
}

#[test]
fn nothing_of_a_mail_reaches_the_page_itself() {
    let catch = catch(&[("<script>alert(1)</script>", "\"></iframe><script>alert(2)</script>")]);
    let response = ask(&catch, "GET /dev/mail", &[]);
    let page = text(&response);
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("sandbox=\"allow-top-navigation-by-user-activation\""), "{page}");
    let policy = response.headers.iter().find(|(name, _)| *name == "content-security-policy").unwrap();
    assert!(policy.1.starts_with("default-src 'none';"), "{}", policy.1);
}

#[test]
fn programs_read_and_clear_mails() {
    let catch = catch(&[("First", "<p>1</p>")]);
    let read = |catch: &Catch| -> serde_json::Value {
        serde_json::from_slice(&ask(catch, "GET /dev/mail.json", &[]).body).unwrap()
    };
    let mails = read(&catch);
    assert_eq!(mails.pointer("/mails/0/subject").unwrap(), "First");
    assert_eq!(mails.pointer("/mails/0/number").unwrap(), 1);
    assert_eq!(ask(&catch, "DELETE /dev/mail.json", &[]).status, 204);
    assert_eq!(read(&catch).pointer("/mails").unwrap().as_array().map(Vec::len), Some(0));
    assert!(text(&ask(&catch, "GET /dev/mail", &[])).contains("No mail yet"));
}

#[test]
fn only_the_last_ones_are_kept() {
    let catch = catch(&[("x", ""); 201]);
    assert_eq!(catch.all().len(), 200);
    assert!(catch.get(1).is_none() && catch.get(201).is_some());
}

#[test]
fn scripts_of_other_sites_read_nothing() {
    let catch = catch(&[("x", "")]);
    let check = |line: &str, headers: &[(&str, &str)], expected: u16| {
        assert_eq!(ask(&catch, line, headers).status, expected, "{line} {headers:?}");
    };
    let (host, evil) = (("host", "127.0.0.1:4000"), ("origin", "https://evil.example"));
    check("GET /dev/mail.json", &[host], 200);
    check("GET /dev/mail.json", &[host, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")], 200);
    check("GET /dev/mail", &[host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], 200);
    check("GET /dev/mail", &[host, ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")], 200);
    check("GET /dev/mail.json", &[host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")], 403);
    check("GET /dev/mail.json", &[host, ("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")], 403);
    check("GET /dev/mail.json", &[host, evil], 403);
    check("GET /dev/mail.json", &[host, ("origin", "http://127.0.0.1:3000")], 403);
    check("DELETE /dev/mail.json", &[host, evil], 403);
    check("DELETE /dev/mail.json", &[host, ("origin", "http://127.0.0.1:4000")], 204);
}
