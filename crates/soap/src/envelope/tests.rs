//! Outlines of envelopes, and what is refused of them. Hostile sizes are in `tests/it`.

use super::{Envelope, SOAP_11, SOAP_12, Version};

const OWN: &str = "urn:bistro:v1";

/// The text of the payload, or `CODE message`.
fn read(version: Version, text: &str) -> String {
    match Envelope::read(text, version, OWN) {
        Ok(Envelope { security, payload }) => {
            let secured = if security.is_some() { " secured" } else { "" };
            format!("{}={}{secured}", payload.name, payload.text)
        }
        Err(problem) => format!("{} {}", problem.code.wire_text(), problem.message),
    }
}

#[test]
fn envelopes_have_a_header_and_a_body() {
    let check = |inner: &str, expected: &str| {
        for (version, space) in [(Version::V11, SOAP_11), (Version::V12, SOAP_12)] {
            let text = format!("<e:Envelope xmlns:e=\"{space}\" xmlns:o=\"{OWN}\">{inner}</e:Envelope>");
            assert_eq!(read(version, &text), expected, "{inner}");
        }
    };
    let wsse = format!("xmlns:w=\"{}\"", super::WSSE);
    check("<e:Body><o:a>x</o:a></e:Body>", "a=x");
    check("\n <e:Body>\n <o:a>x</o:a> </e:Body>\n", "a=x");
    check("<e:Header/><e:Body><o:a/></e:Body>", "a=");
    check(&format!("<e:Header><w:Security {wsse}/></e:Header><e:Body><o:a/></e:Body>"), "a= secured");
    check("<e:Header><o:b/></e:Header><e:Body><o:a/></e:Body>", "a=");
    check("<e:Body><o:a>1<![CDATA[<&]]>2<!-- no -->3&amp;&#x41;&#66;</o:a></e:Body>", "a=1<&23&AB");
    check("<e:Body><o:a>l\r\nm\rn&#13;</o:a></e:Body>", "a=l\nm\nn\r");
    check(
        "<e:Header><o:b e:mustUnderstand=\"1\"/></e:Header><e:Body><o:a/></e:Body>",
        "BIS-422 The header b must be understood, and is not known here",
    );
    check(
        "<e:Header><o:b e:mustUnderstand=\"2\"/></e:Header><e:Body><o:a/></e:Body>",
        "BIS-420 mustUnderstand is 0 or 1",
    );
    check(
        "<e:Header><o:b e:mustUnderstand=\"1\" e:actor=\"urn:x\" e:role=\"urn:x\"/></e:Header><e:Body><o:a/></e:Body>",
        "a=",
    );
    check(
        &format!("<e:Header><w:Security {wsse}/><w:Security {wsse}/></e:Header><e:Body><o:a/></e:Body>"),
        "BIS-427 There are two Security headers for one receiver",
    );
    check("<e:Body/>", "BIS-420 The Body is empty: it holds the element of an operation");
    check(
        "<e:Body><o:a/><o:a/></e:Body>",
        "BIS-420 The Body holds more than one element: one operation a request",
    );
    check("<e:Body><o:a/></e:Body><e:Body><o:a/></e:Body>", "BIS-420 An envelope has one Body");
    check(
        "<e:Body><o:a/></e:Body><e:Header/>",
        "BIS-420 The Header is the first element of an envelope, and there is one",
    );
    let outside = "BIS-420 An envelope holds a Header and a Body, not text";
    check("x<e:Body><o:a/></e:Body>", outside);
    check("<e:Header>x</e:Header><e:Body><o:a/></e:Body>", "BIS-420 A Header holds blocks, not text");
    check("<e:Body><o:a>]]></o:a></e:Body>", "BIS-420 ]]> stands in text, where XML wants ]]&gt;");
    check("<e:Body><o:a o:b='<'/></e:Body>", "BIS-420 The attribute b holds <, where XML wants &lt;");
    check("<e:Body><o:a>]]&gt;<![CDATA[]]]]><![CDATA[>]]></o:a></e:Body>", "a=]]>]]>");
    check("<e:Body>x<o:a/></e:Body>", "BIS-420 The Body holds an element, not text");
    check("<o:x/><e:Body><o:a/></e:Body>", "BIS-420 An envelope holds a Header and a Body, not x");
    check("", "BIS-420 The envelope has no Body");
}

#[test]
fn what_xml_lets_go_and_soap_does_not_is_refused() {
    let check = |text: &str, expected: &str| assert_eq!(read(Version::V11, text), expected, "{text}");
    check("", "BIS-420 There is no XML element");
    check("x", "BIS-420 Text stands outside of the root element");
    check("<a>", "BIS-420 The element a is not closed");
    check("<a/><b/>", "BIS-420 An XML document has one root element");
    check("<!DOCTYPE a><a/>", "BIS-420 A document type (DOCTYPE) is not allowed in an envelope");
    check("<?php x?><a/>", "BIS-420 Processing instructions are not allowed in an envelope");
    check("<a>&nbsp;</a>", "BIS-420 The entity &nbsp; is not known");
    check("<a>&#0;</a>", "BIS-420 The entity &#0; is not known");
    check("<a>&#xFFFF;</a>", "BIS-420 The entity &#xFFFF; is not known");
    check("<a>\u{1}</a>", "BIS-420 XML cannot carry the character U+0001");
    check("<a b=\"1\" b=\"2\"/>", "BIS-420 The attribute b is there twice");
    check("<x:a/>", "BIS-420 The prefix x is not declared");
    check("<a/>", "BIS-420 The root element is a, not Envelope");
    let other = "BIS-421 With the content type text/xml an envelope is of SOAP 1.1, and this one is not";
    check("<Envelope/>", other);
    check(&format!("<Envelope xmlns=\"{SOAP_12}\"/>"), other);
}
