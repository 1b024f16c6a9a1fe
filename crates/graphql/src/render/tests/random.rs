//! Pages within pages of any form, beside the plainest way to print them.

use proptest::prelude::*;

use super::*;

/// How a list is cut, and where its page is spoken of.
#[derive(Clone, Copy, Debug)]
struct Cut {
    most: u64,
    skipped: bool,
    backward: bool,
    at: InfoAt,
}

impl Cut {
    fn page(self, index: usize) -> Page {
        Page { index, ..info(self.at, self.backward, true) }
    }

    /// What stands before the list and, in the end, behind it.
    fn texts(self, name: &str) -> (String, &'static str) {
        let mark = if self.at == InfoAt::Mark { "\"i\":«mark»," } else { "" };
        (format!("\"{name}\":{{{mark}\"n\":"), if self.at == InfoAt::Later { "«info»" } else { "" })
    }

    /// The members of the connection whose rows print like this and have these cursors.
    fn printed(self, rows: &[(i64, String)]) -> String {
        let more = rows.len() as u64 > self.most;
        let mut rows: Vec<_> = rows.iter().take(self.most as usize).collect();
        let (next, previous) = if self.backward { (self.skipped, more) } else { (more, self.skipped) };
        if self.backward {
            rows.reverse();
        }
        let cursor = |row: Option<&&(i64, String)>| row.map_or("null".into(), |r| format!("\"<[{}]>\"", r.0));
        let (start, end) = (cursor(rows.first()), cursor(rows.last()));
        let info = format!("\"i\":{{\"n\":{next},\"p\":{previous},\"s\":{start},\"e\":{end}}}");
        let list: Vec<_> = rows.iter().map(|row| row.1.as_str()).collect();
        let list = format!("\"n\":[{}]", list.join(","));
        if self.at == InfoAt::Mark { format!("{info},{list}") } else { format!("{list},{info}") }
    }
}

fn cut() -> impl Strategy<Value = Cut> {
    let at = prop_oneof![Just(InfoAt::Mark), Just(InfoAt::Behind), Just(InfoAt::Later)];
    let cut = (0..4_u64, any::<bool>(), any::<bool>(), at);
    cut.prop_map(|(most, skipped, backward, at)| Cut { most, skipped, backward, at })
}

fn shape(outer: Cut, inner: Cut) -> Vec<Level> {
    let ((before, behind), (within, after)) = (outer.texts("p"), inner.texts("k"));
    vec![
        level(vec![page(&before, 1, outer.page(0))], &format!("{behind}}}")),
        level(
            vec![kept(Slot::Cursor), page(&format!("{{{within}"), 2, inner.page(1))],
            &format!("{after}}},\"c\":«cursor»}}"),
        ),
        level(vec![kept(Slot::Cursor), value("{\"x\":")], "}"),
    ]
}

proptest! {
    #[test]
    fn pages_print_as_they_would_by_hand(
        (outer, inner) in (cut(), cut()),
        lists in prop::collection::vec(prop::collection::vec(0..100_i64, 0..5), 0..5),
        again in prop::option::of(0..5_usize),
    ) {
        let row = |(at, list): (usize, &Vec<i64>)| {
            let inside = list.iter().map(|x| vec![n(*x), n(*x)]).collect();
            vec![n(at as i64), Cell::Rows(inside)]
        };
        let rows: Vec<_> = lists.iter().enumerate().map(row).collect();
        let mut writer = Writer::new(CAPS, 0);
        let now = [outer, inner].map(|cut| PageNow { most: cut.most, skipped: cut.skipped });
        writer.begin(Arc::new(Shape { levels: shape(outer, inner) }), now.to_vec());
        writer.part(0);
        // A read that is run again after some rows.
        if let Some(some) = again {
            send(&mut writer, &rows[..some.min(rows.len())]);
            writer.reset();
        }
        send(&mut writer, &rows);
        writer.part_end();
        prop_assert!(writer.end(None).is_ok());

        let by_hand = lists.iter().enumerate().map(|(at, list)| {
            let list: Vec<_> = list.iter().map(|x| (*x, format!("{{\"x\":{x}}}"))).collect();
            (at as i64, format!("{{\"k\":{{{}}},\"c\":\"<[{at}]>\"}}", inner.printed(&list)))
        });
        let by_hand: Vec<_> = by_hand.collect();
        let printed = String::from_utf8(writer.finish()).expect("JSON");
        prop_assert_eq!(open_cursors(&printed), format!("\"p\":{{{}}}", outer.printed(&by_hand)));
    }
}
