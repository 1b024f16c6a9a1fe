//! `/soap/v1` as a client meets it: the whole road from the socket to the rows, the commands, and what is configured.

use crate::harness::{Answer, Folder, Server};

const SHOP: &str = r#"
enum Role @roles { owner }
"""Who buys."""
type Customer @model @allow(to: [READ]) {
  id: Int! @id
  name: String!
  secret: String @allow(to: [READ], roles: ["owner"])
  orders: [Order!]! @inverse(of: "customer")
}
type Order @model @allow(to: [READ]) {
  id: Int! @id
  price: Decimal! @decimal(precision: 8, scale: 2)
  customer: Customer!
}
type Audit @model { id: Int! @id  line: String! }
"#;

/// A shop with customers, one of whom has a name that XML cannot carry.
fn filled(settings: &str) -> Server {
    let folder = Folder::with(SHOP);
    folder.write("bistro.toml", settings);
    let server = Server::start(folder, &["serve"]);
    let secret = server.secret();
    let post = |target: &str, body: &str| {
        server.post(target, body).key(&secret).send().with(201);
    };
    post(
        "/rest/v1/customers",
        r#"[{"id": 1, "name": "Ada", "secret": "s"}, {"id": 2, "name": "B\u0001b", "secret": null}]"#,
    );
    post("/rest/v1/orders", r#"[{"id": 1, "price": 3.5, "customer_id": 1}]"#);
    server
}

/// An envelope around an element, which is put into the namespace.
fn envelope(body: &str) -> String {
    let end = body.find(['>', '/']).unwrap_or(body.len());
    let (name, rest) = body.split_at(end);
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         {name} xmlns=\"urn:bistro:v1\"{rest}</s:Body></s:Envelope>"
    )
}

fn call(server: &Server, key: &str, body: &str) -> Answer {
    server.request("POST", "/soap/v1").key(key).body("text/xml; charset=utf-8", &envelope(body)).send()
}

/// What stands in the Body of an answer.
fn inner(answer: &Answer) -> &str {
    let start = answer.body.find("<soap:Body>").map_or(0, |at| at + "<soap:Body>".len());
    let end = answer.body.find("</soap:Body>").unwrap_or(answer.body.len());
    &answer.body[start..end]
}

#[test]
fn envelopes_are_answered_with_rows() {
    let server = filled("");
    let key = server.publishable();
    let check = |body: &str, expected: &str| {
        let answer = call(&server, &key, body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("content-type"), Some("text/xml; charset=utf-8"));
        assert_eq!(inner(&answer), expected, "{body}");
    };
    check(
        "<GetOrder><key><id>1</id></key><include>customer</include></GetOrder>",
        "<GetOrderResponse xmlns=\"urn:bistro:v1\"><Order><id>1</id><price>3.50</price><customer_id>1</customer_id>\
         <customer><id>1</id><name>Ada</name></customer></Order></GetOrderResponse>",
    );
    check(
        "<GetCustomer><key><id>2</id></key></GetCustomer>",
        "<GetCustomerResponse xmlns=\"urn:bistro:v1\"><Customer lossy=\"true\"><id>2</id><name>B\u{FFFD}b</name>\
         </Customer></GetCustomerResponse>",
    );
    check(
        "<CountOrders/>",
        "<CountOrdersResponse xmlns=\"urn:bistro:v1\"><count>1</count></CountOrdersResponse>",
    );
    let secret = server.secret();
    let made = call(
        &server,
        &secret,
        "<CreateOrder><input><id>2</id><price>12</price><customer_id>1</customer_id></input></CreateOrder>",
    );
    assert!(inner(&made).contains("<price>12.00</price>"), "{}", made.body);
    let refused = call(&server, &key, "<DeleteOrder><key><id>2</id></key></DeleteOrder>");
    assert_eq!(refused.status, 500);
    assert!(inner(&refused).contains("There is no operation DeleteOrder"), "{}", refused.body);
}

#[test]
fn the_wsdl_shows_what_its_caller_sees() {
    let server = filled("[server]\npublic_url = \"https://shop.example.org/\"\n");
    let secret = server.secret();
    let get = |target: &str, key: Option<&str>| match key {
        Some(key) => server.get(target).key(key).send(),
        None => server.get(target).send(),
    };
    let open = get("/soap/v1?wsdl", None);
    assert_eq!((open.status, open.header("content-type")), (200, Some("text/xml; charset=utf-8")));
    assert!(
        open.body.contains("location=\"https://shop.example.org/soap/v1\""),
        "the address is the public one"
    );
    assert!(open.body.contains("Who buys.") && open.body.contains("GetCustomer"));
    for hidden in ["secret", "Audit", "CreateOrder"] {
        assert!(!open.body.contains(hidden), "a stranger is shown {hidden}");
    }
    let all = get("/soap/v1?wsdl", Some(&secret));
    for shown in ["secret", "Audit", "CreateOrder"] {
        assert!(all.body.contains(shown), "the service is not shown {shown}");
    }
    assert!(all.body.contains("soap12:address") && !all.body.contains("nillable"));
    assert!(get("/soap/v1?WSDL&nil=true", Some(&secret)).body.contains("nillable=\"true\""));
    assert!(!get("/soap/v1?wsdl&soap=1.1", Some(&secret)).body.contains("soap12"));
    assert_eq!(
        (get("/soap/v1", None).status, get("/soap/v1", None).header("location")),
        (307, Some("?wsdl"))
    );
    get("/soap/v1?xsd=1", None).with(400);
    get("/soap/v1/more", None).with(404);
    assert_eq!(server.request("PUT", "/soap/v1").send().header("allow"), Some("GET, HEAD, POST, OPTIONS"));
    // The command prints the same.
    assert_eq!(server.folder.run(&["wsdl"]).out(), open.body);
    assert_eq!(server.folder.run(&["wsdl", "--as", "service"]).out(), all.body);
    server.folder.run(&["wsdl", "--soap", "2"]).said_no(2, "1.1");
    assert!(server.folder.run(&["wsdl", "--soap", "1.2", "--nil"]).out().contains("soap12"));
}

#[test]
fn a_stranger_who_sees_nothing_is_told_how_to_print_the_wsdl() {
    let server = Server::serve("type Audit @model { id: Int! @id  line: String! }");
    let answer = server.get("/soap/v1?wsdl").send();
    assert!(answer.with(401).contains("bistro wsdl --as service"), "{}", answer.body);
    let challenges = answer.headers.iter().filter(|(name, _)| name == "www-authenticate").count();
    assert_eq!(challenges, 2, "a key by Basic, or a token");
    server.get("/soap/v1?wsdl").key(&server.secret()).send().with(200);
}

#[test]
fn settings_of_the_surface_hold() {
    let off = filled("[soap]\nenabled = false\n");
    off.get("/soap/v1?wsdl").send().with(404);
    drop(off);
    let server = filled("[soap]\nnamespace = \"urn:shop:v2\"\ninvalid_characters = \"fault\"\nbody = 1024\n");
    let key = server.publishable();
    let own = |body: &str| envelope(body).replace("urn:bistro:v1", "urn:shop:v2");
    let send = |text: &str| server.request("POST", "/soap/v1").key(&key).body("text/xml", text).send();
    let found = send(&own("<GetCustomer><key><id>1</id></key></GetCustomer>"));
    assert!(inner(&found).starts_with("<GetCustomerResponse xmlns=\"urn:shop:v2\">"), "{}", found.body);
    let lost = send(&own("<GetCustomer><key><id>2</id></key></GetCustomer>"));
    assert!(inner(&lost).contains("<code>BIS-426</code>"), "{}", lost.body);
    let other = send(&envelope("<GetCustomer><key><id>1</id></key></GetCustomer>"));
    assert!(inner(&other).contains("not in the namespace of the service"), "{}", other.body);
    let large = send(&own(&format!("<GetCustomer><key><id>{}</id></key></GetCustomer>", " ".repeat(1_024))));
    assert!(large.with(413).contains("raise soap.body"), "{}", large.body);
}

#[test]
fn envelopes_are_explained() {
    let folder = Folder::with(SHOP);
    let list = envelope("<ListOrders><first>5</first><withTotal>true</withTotal></ListOrders>");
    let file = folder.write("ask.xml", &list);
    let body = format!("@{}", file.display());
    for arguments in [&["explain", &list][..], &["explain", "POST /soap/v1", "--body", &body]] {
        let said = folder.run(arguments).well();
        for words in
            ["## ListOrders, the total", "## ListOrders\n", "read orders", "count = count(*)", "limit $0"]
        {
            assert!(said.contains(words), "{words} is not in {said}");
        }
    }
    let write = envelope("<DeleteOrder><key><id>1</id></key></DeleteOrder>");
    folder.run(&["explain", &write]).said_no(1, "DeleteOrder");
    assert!(folder.run(&["explain", &write, "--as", "service"]).well().contains("delete orders"));
    folder.run(&["explain", "<a/>"]).said_no(1, "Envelope");
    folder.run(&["explain", "POST /soap/v1"]).said_no(2, "--body");
}
