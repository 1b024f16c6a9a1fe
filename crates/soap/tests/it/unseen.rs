//! Hidden and unknown are the same to a caller, at every place where an envelope can name something.
//!
//! Each template is asked twice, with a name that is hidden from the caller and with one that nobody has; but for the name
//! itself the answers must be equal to the byte. The same envelopes are right for whoever may use the name.

use bistro_soap::{About, Described};

use crate::seat::{Backend, Running, rules};

/// Hidden from the caller, and unknown to all.
const FIELDS: &[(&str, &str)] = &[
    ("veiled_pin", "zzzzzz_pin"),
    ("veiled_pay", "zzzzzz_pay"),
    ("veiled_code", "zzzzzz_code"),
    ("veiled_doc", "zzzzzz_doc"),
];

const FIELD_PLACES: &str = "
<GetPerson><key><NAME>x</NAME></key></GetPerson>
<GetPerson><key><nick>ada</nick><NAME>x</NAME></key></GetPerson>
<GetPerson><key><nick>ada</nick></key><include>NAME</include></GetPerson>
<GetPerson><key><nick>ada</nick></key><NAME/></GetPerson>
<ListPeople><include>NAME</include></ListPeople>
<ListPeople><include>boss.NAME</include></ListPeople>
<ListPeople><filter><NAME><eq>1</eq></NAME></filter></ListPeople>
<ListPeople><filter><NAME><isNull>true</isNull></NAME></filter></ListPeople>
<ListPeople><filter><NAME><nonsense/></NAME></filter></ListPeople>
<ListPeople><filter><NAME/></filter></ListPeople>
<ListPeople><filter><NAME xsi:nil=\"true\"/></filter></ListPeople>
<ListPeople><filter><NAME a=\"1\"/></filter></ListPeople>
<ListPeople><filter><and><NAME><isNull>true</isNull></NAME></and></filter></ListPeople>
<ListPeople><filter><or><name><eq>a</eq></name></or><or><NAME><isNull>true</isNull></NAME></or></filter></ListPeople>
<ListPeople><filter><not><NAME><isNull>true</isNull></NAME></not></filter></ListPeople>
<ListPeople><filter><boss><NAME><isNull>true</isNull></NAME></boss></filter></ListPeople>
<ListPeople><filter><reports><some><NAME><isNull>true</isNull></NAME></some></reports></filter></ListPeople>
<ListPeople><filter><reports><every><NAME><isNull>true</isNull></NAME></every></reports></filter></ListPeople>
<ListPeople><filter><reports><none><NAME><isNull>true</isNull></NAME></none></reports></filter></ListPeople>
<ListPeople><orderBy><field>NAME</field></orderBy></ListPeople>
<ListPeople><orderBy><field>boss.NAME</field></orderBy></ListPeople>
<ListPeople><orderBy><field>name</field></orderBy><orderBy><field>NAME</field><direction>DESC</direction></orderBy></ListPeople>
<ListPosts><filter><author><NAME><isNull>true</isNull></NAME></author></filter></ListPosts>
<ListPosts><orderBy><field>author.NAME</field></orderBy></ListPosts>
<CountPeople><filter><NAME><isNull>true</isNull></NAME></filter></CountPeople>
<CountPosts><filter><author><reports><some><NAME/></some></reports></author></filter></CountPosts>
<UpdatePerson><key><nick>bob</nick></key><set><NAME>1</NAME></set></UpdatePerson>
<UpdatePerson><key><nick>bob</nick></key><set><NAME xsi:nil=\"true\"/></set></UpdatePerson>
<UpdatePerson><key><nick>bob</nick></key><set><name>n</name><NAME>1</NAME></set></UpdatePerson>
<UpdatePerson><key><nick>bob</nick></key><clear>NAME</clear></UpdatePerson>
<UpdatePerson><key><NAME>x</NAME></key><set><name>n</name></set></UpdatePerson>
";

/// A relation that only editors may read and its column, and one to a type that does not exist for the caller.
const RELATIONS: &[(&str, &str)] =
    &[("veiled_boss", "zzzzzz_boss"), ("veiled_boss_id", "zzzzzz_boss_id"), ("veiled_notes", "zzzzzz_notes")];

const RELATION_PLACES: &str = "
<GetPost><key><id>1</id></key><include>NAME</include></GetPost>
<GetPost><key><NAME>1</NAME></key></GetPost>
<ListPosts><include>NAME</include></ListPosts>
<ListPosts><include>NAME.id</include></ListPosts>
<ListPosts><include>author.posts.NAME</include></ListPosts>
<ListPosts><filter><NAME><isNull>true</isNull></NAME></filter></ListPosts>
<ListPosts><filter><NAME><id><eq>1</eq></id></NAME></filter></ListPosts>
<ListPosts><filter><NAME><some/></NAME></filter></ListPosts>
<ListPosts><orderBy><field>NAME</field></orderBy></ListPosts>
<ListPosts><orderBy><field>NAME.id</field></orderBy></ListPosts>
<ListPeople><filter><posts><some><NAME><id><eq>1</eq></id></NAME></some></posts></filter></ListPeople>
<CreatePost><input><id>70</id><title>t</title><slug>s</slug><NAME>1</NAME></input></CreatePost>
<CreatePosts><input><id>70</id><title>t</title><slug>s</slug></input><input><NAME>1</NAME></input></CreatePosts>
<UpdatePost><key><id>1</id></key><set><NAME>1</NAME></set></UpdatePost>
<UpdatePost><key><id>1</id></key><clear>NAME</clear></UpdatePost>
";

/// A type that does not exist for the caller, in every operation. The unknown one is as far from every visible name, for the
/// hints.
const TYPES: &[(&str, &str)] = &[("VeiledNote", "WeiledNote")];

const TYPE_PLACES: &str = "
<GetNAME><key><id>1</id></key></GetNAME>
<ListNAMEs/>
<ListNAMEs><filter><veiled_text><eq>x</eq></veiled_text></filter></ListNAMEs>
<CountNAMEs/>
<CreateNAME><input><id>9</id></input></CreateNAME>
<CreateNAMEs><input><id>9</id></input></CreateNAMEs>
<UpdateNAME><key><id>1</id></key><set/></UpdateNAME>
<DeleteNAME><key><id>1</id></key></DeleteNAME>
<GetNAME/>
";

#[test]
fn what_is_hidden_answers_like_what_is_not_there() {
    let running = Running::over(Backend::Memory);
    let tables = [(FIELDS, FIELD_PLACES), (RELATIONS, RELATION_PLACES), (TYPES, TYPE_PLACES)];
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for (names, places) in tables {
        for place in places.lines().filter(|line| !line.is_empty()) {
            for (hidden, unknown) in names {
                for caller in ["anon", "ada", "vic"] {
                    asked += 1;
                    let ask = |name: &str| {
                        let answer = running.ask(caller, &place.replace("NAME", name));
                        answer.replace(name, "NAME")
                    };
                    let (hidden, unknown) = (ask(hidden), ask(unknown));
                    if hidden != unknown || !hidden.contains("<soap:Fault>") {
                        wrong.push(format!("{caller} {place}\n  hidden  {hidden}\n  unknown {unknown}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn who_may_use_the_names_can() {
    let running = Running::over(Backend::Memory);
    let check = |element: &str, rows: usize| {
        let answer = running.ask("eve", element);
        assert_eq!(answer.matches("<Person>").count(), rows, "{element}\n{answer}");
    };
    check("<GetPerson><key><veiled_code>veiled-a</veiled_code></key></GetPerson>", 1);
    check("<ListPeople><filter><veiled_pay><gt>60</gt></veiled_pay></filter></ListPeople>", 2);
    check("<ListPeople><orderBy><field>boss.veiled_pay</field></orderBy></ListPeople>", 4);
    check("<UpdatePerson><key><nick>bob</nick></key><clear>veiled_doc</clear></UpdatePerson>", 1);
}

#[test]
fn no_name_that_is_hidden_stands_in_the_service_of_a_caller() {
    let running = Running::over(Backend::Memory);
    let about = About {
        namespace: "urn:bistro:v1".into(),
        address: String::new(),
        signs_in: true,
        included: 1_000,
        page: 30,
        page_most: 1_000,
        nillable: true,
    };
    let schema = rules();
    for (caller, shown) in [("anon", false), ("ada", false), ("vic", false), ("eve", true), ("service", true)]
    {
        let view = bistro_schema::SchemaView::new(schema.schema().clone(), running.caller(caller).roles);
        let wsdl = Described::new(view.into(), true).wsdl(&about, None).to_lowercase();
        assert_eq!(wsdl.contains("veiled"), shown, "for {caller}");
    }
}
