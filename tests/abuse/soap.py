"""SOAP made to hurt: refused at once, in little memory, in well-formed XML, and the server serves on."""

import threading
import time
import xml.etree.ElementTree as xml

from measure import AGAIN_MB, QUICK_MILLIS, ROUNDS, SETTLED_MB, quickest, resident
from wire import send

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OWN = "xmlns=\"urn:bistro:v1\""
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

# Strangers whose passwords are judged at the same time, each with an envelope of nearly 1 MB.
STRANGERS = 60


def envelope(body, before=""):
    return f'{before}<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'


def entities():
    """Nested entities: a gigabyte, were they written out."""
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE l [<!ENTITY e0 "aaaaaaaaaa">{nested}]>'


def find(inner, before=""):
    return envelope(f"<GetBook {OWN}><key><isbn>{inner}</isbn></key></GetBook>", before)


def count(filter):
    return envelope(f"<CountBooks {OWN}><filter>{filter}</filter></CountBooks>")


# What is sent, and the code of the fault.
REFUSED = {
    "a file as an entity": (find("&e;", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "BIS-420"),
    "nested entities": (find("&e9;", entities()), "BIS-420"),
    "100,000 attributes": (envelope(f"<GetBook {OWN} {' '.join(f'a{n}=' + chr(34) * 2 for n in range(100_000))}/>"), "BIS-106"),
    "50,000 namespaces": (envelope(f"<GetBook {' '.join(f'xmlns:a{n}=' + chr(34) + 'u' + chr(34) for n in range(50_000))}/>"), "BIS-106"),
    "a namespace of 500 KB, 99,000 times": (envelope(f"<a xmlns='{'u' * 500_000}'>{'<a/>' * 99_000}</a>"), "BIS-106"),
    "a name of 900 KB": (find(f"<{'x' * 900_000}/>"), "BIS-425"),
    "bytes that are no text": (b"\xff" * 1_000_000, "BIS-420"),
    "200,000 levels": ("<a>" * 200_000, "BIS-106"),
    "240,000 elements": (envelope(f"<GetBook {OWN}>{'<a/>' * 240_000}</GetBook>"), "BIS-106"),
    "a text of 1 MB": (find("x" * 1_000_000), "BIS-408"),
    "a comment of 1 MB": (find(f"<!--{'x' * 1_000_000}-->"), "BIS-408"),
    "190,000 references": (find("&amp;" * 190_000), "BIS-408"),
    "50,000 members of a key": (envelope(f"<GetBook {OWN}><key>{''.join(f'<k{n}/>' for n in range(50_000))}</key></GetBook>"), "BIS-425"),
    "10,000 values of a list": (count(f"<isbn>{'<in>1</in>' * 10_000}</isbn>"), "BIS-106"),
    "6,000 alternatives": (count("<or><title><eq>a</eq></title></or>" * 6_000), "BIS-106"),
    "60 levels of not": (count("<not>" * 70 + "</not>" * 70), "BIS-106"),
    "a pattern of 100 KB": (count(f"<title><match>{'(' * 100_000}</match></title>"), "BIS-106"),
    "99,000 new rows": (envelope(f"<CreateBooks {OWN}>{'<input/>' * 99_000}</CreateBooks>"), "BIS-106"),
}


def post(server, text):
    headers = {"apikey": server.key, "Content-Type": "text/xml; charset=utf-8"}
    return send(server.url, "POST", "/soap/v1", headers, text)


def fault(answer):
    """Whom the fault blames, and its code; nothing where the answer is none."""
    try:
        root = xml.fromstring(answer.body)
    except xml.ParseError:
        return None, None
    return root.findtext(f".//{{{SOAP}}}Fault/faultcode"), root.findtext(".//{urn:bistro:v1}code")


def envelopes(tally, server):
    """Each envelope is refused at once, by a fault of few words."""
    for what, (text, code) in REFUSED.items():
        refused = lambda answer: answer.status == 500 and fault(answer) == ("soap:Client", code)
        answer, millis = quickest(server, lambda text=text: post(server, text), refused)
        tally.check(f"soap: {what}: refused", refused(answer), repr(answer))
        tally.check(f"soap: {what}: at once", millis < QUICK_MILLIS, f"{millis:.0f} ms")
        tally.check(f"soap: {what}: briefly", len(answer.body) < 8_192, f"{len(answer.body)} bytes")


def documents(tally, server):
    """The WSDL, a thousand times: made once for each who sees the same."""
    began = time.monotonic()
    for _ in range(1_000):
        answer = send(server.url, "GET", "/soap/v1?wsdl", {"apikey": server.key})
    took = time.monotonic() - began
    tally.check("soap: a thousand documents", answer.status == 200 and took < 20, f"{took:.1f} s")
    for word in ("alias", "sealed", "vault", "combination", "keeper"):
        tally.check(f"soap: the document hides {word}", word not in answer.body.decode().lower())


def stranger(n, elements):
    """An envelope of many small elements, with a password that nobody has."""
    token = f"<w:UsernameToken><w:Username>x{n}@example.org</w:Username><w:Password>kolibri im garten</w:Password></w:UsernameToken>"
    header = f'<s:Header><w:Security xmlns:w="{WSSE}">{token}</w:Security></s:Header>'
    body = f"<CountBooks {OWN}><filter>{'<z></z>' * elements}</filter></CountBooks>"
    return f'<s:Envelope xmlns:s="{SOAP}">{header}<s:Body>{body}</s:Body></s:Envelope>'


def strangers(server, elements):
    """What `STRANGERS` at the same time are answered, and the most memory meanwhile."""
    most, answers = resident(server), []
    threads = [threading.Thread(target=lambda n=n: answers.append(post(server, stranger(n, elements)))) for n in range(STRANGERS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most = max(most, resident(server))
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    return most, answers


def waiting(tally, server):
    """While passwords are judged, what waits takes the room of its text, not that of its elements."""
    began = resident(server)
    most, answers = strangers(server, 95_000)
    print(f"soap: memory {began:.0f} MB, {most:.0f} MB with {STRANGERS} strangers", flush=True)
    judged = [answer for answer in answers if fault(answer)[0] == "wsse:FailedAuthentication"]
    tally.check("soap: strangers are judged", len(judged) == STRANGERS, f"{len(judged)} of {STRANGERS}, {answers[:1]!r}")
    tally.check("soap: strangers take little", most - began < 2 * STRANGERS, f"{began:.0f} MB, then {most:.0f} MB")


def again(server):
    """All envelopes, a few times over."""
    for _ in range(ROUNDS):
        for text, _ in REFUSED.values():
            post(server, text)
    return resident(server)


def soap(tally, server):
    """All of it; then once more, to see that nothing grows."""
    # The hashing keeps memory of its own, whatever waits for it.
    strangers(server, 1)
    began = resident(server)
    envelopes(tally, server)
    documents(tally, server)
    waiting(tally, server)
    settled = again(server)
    grown = again(server)
    print(f"soap: memory {began:.0f} MB, {settled:.0f} MB after everything, {grown:.0f} MB after more of it", flush=True)
    tally.check("soap: memory after everything", settled - began < SETTLED_MB, f"{began:.0f} MB, then {settled:.0f} MB")
    tally.check("soap: memory after more of it", grown - settled < AGAIN_MB, f"{settled:.0f} MB, then {grown:.0f} MB")
    counted = post(server, count(""))
    tally.check("soap: the server serves on", counted.status == 200 and b"<count>" in counted.body, repr(counted))
