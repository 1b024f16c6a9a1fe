//! Pages of rows, and what is said of all rows that match: `posts` at the root, `comments` within a row.
//!
//! Each of `nodes`, `edges`, `totalCount`, `aggregate` and `groups` is a read of its own: a part of the reading at the
//! root, an embed of the same relation within a row.

use bistro_ir::keyset::{Term, turn};
use bistro_ir::{Expr, Item, Read};
use bistro_problem::Problem;
use bistro_schema::{RelationId, TypeId};

use super::page::Asked;
use super::row::{Members, Row, print};
use super::{Compiler, Draft, Field, Source};
use crate::failure::Failure;
use crate::plan::{Judged, PageBounds, Rows};
use crate::render::{Form, InfoAt, Level, Page, Piece, Slot, Text};

/// What the reads of a list hang on.
pub(super) enum Hang {
    /// The reading itself: each is a part of it.
    Parts(Vec<(Read, super::Slots)>),
    /// A row of the type that has this relation.
    Embed(RelationId),
}

impl Hang {
    /// How many reads hang there.
    fn reads(&self, row: &Row) -> usize {
        match self {
            Hang::Parts(parts) => parts.len(),
            Hang::Embed(_) => row.items.len(),
        }
    }
}

/// A list that is asked for.
pub(super) struct List<'l, 'a> {
    pub(super) ty: TypeId,
    pub(super) field: &'l Field<'a>,
    pub(super) depth: usize,
    /// The greatest page.
    pub(super) most: u64,
}

/// What is known of a list before its reads are made.
pub(super) struct Listing<'a> {
    asked: Asked<'a>,
    terms: Vec<Term>,
    signature: u32,
}

/// What `pageInfo` asks, all of them together.
#[derive(Default)]
struct Wanted {
    text: Text,
    next: bool,
    previous: bool,
    cursors: bool,
}

/// Where the first list of a connection and its first `pageInfo` stand among its fields.
#[derive(Clone, Copy)]
struct Places {
    list: Option<usize>,
    info: Option<usize>,
}

impl Places {
    fn of(fields: &[Field<'_>]) -> Self {
        let list = fields.iter().position(|f| matches!(f.name, "nodes" | "edges"));
        Self { list, info: fields.iter().position(|f| f.name == "pageInfo") }
    }

    /// Where the text about the page is printed, seen from the list.
    fn at(self) -> InfoAt {
        match (self.list, self.info) {
            (Some(list), Some(info)) if info < list => InfoAt::Mark,
            (Some(list), Some(info)) if info > list + 1 => InfoAt::Later,
            _ => InfoAt::Behind,
        }
    }
}

impl<'a> Compiler<'a> {
    /// Prints a connection where the row's text stands.
    pub(super) fn connection(
        &self,
        draft: &mut Draft,
        row: &mut Row,
        hang: &mut Hang,
        list: &List<'_, 'a>,
    ) -> Result<(), Failure> {
        let at = |problem: Problem| Failure::at(problem, list.field.place);
        let type_name = format!("{}Connection", self.view.schema().ty(list.ty).name);
        let fields = self.collect(&type_name, &list.field.sets)?;
        let listing = self.listing(list, &fields).map_err(at)?;
        let places = Places::of(&fields);
        let reads = hang.reads(row);
        let mut members = Members::open(row);
        for (n, field) in fields.iter().enumerate() {
            match field.name {
                "__typename" => {
                    members.name(row, field.key);
                    row.text.push(&format!("\"{type_name}\""));
                }
                "nodes" | "edges" => {
                    members.name(row, field.key);
                    let carries = places.info.filter(|_| places.list == Some(n));
                    let first = places.at() == InfoAt::Mark && places.info == Some(0);
                    let wanted =
                        carries.map(|_| self.wanted(&fields, listing.signature, first)).transpose()?;
                    let info = wanted.map(|wanted| (wanted, places.at()));
                    self.rows(draft, row, hang, (list, &listing), Some(field), info)?;
                }
                "pageInfo" if places.info != Some(n) => {}
                "pageInfo" if places.list.is_none() => {
                    let wanted = self.wanted(&fields, listing.signature, members.begin())?;
                    self.rows(draft, row, hang, (list, &listing), None, Some((wanted, places.at())))?;
                }
                "pageInfo" => match places.at() {
                    InfoAt::Mark => {
                        members.begin();
                        row.place(Piece::Mark);
                    }
                    InfoAt::Later => row.place(Piece::Info),
                    // It stands right behind the list that it speaks of.
                    InfoAt::Behind => {}
                },
                _ => {
                    members.name(row, field.key);
                    self.amount(draft, row, hang, list, field)?;
                }
            }
        }
        members.close(row);
        if places.list.or(places.info).is_none() {
            self.check_unread(list, &listing, hang.reads(row) == reads).map_err(at)?;
        }
        Ok(())
    }

    /// Judges the page of a list whose rows nobody asks for, and with nothing read at all its condition: what is wrong is
    /// refused whatever is selected.
    fn check_unread(&self, list: &List<'_, 'a>, listing: &Listing<'a>, wholly: bool) -> Result<(), Problem> {
        let mut draft = Draft::default();
        self.cut(&mut draft.slots, list.ty, (&listing.asked, &listing.terms), false)?;
        if wholly {
            self.chosen(&mut draft, list)?;
        }
        let place = list.field.place;
        for (param, source) in draft.slots.params.into_iter().zip(draft.slots.sources) {
            match source {
                Source::Fixed(_) => {}
                Source::Mixed(_) => self.only_once(),
                source => self.judged.borrow_mut().push(Judged { scalar: param.scalar, source, place }),
            }
        }
        Ok(())
    }

    fn listing(&self, list: &List<'_, 'a>, fields: &[Field<'a>]) -> Result<Listing<'a>, Problem> {
        let asked = self.asked(list.field, list.most)?;
        let given = self.said(list.field, "orderBy");
        let mut terms = self.terms(list.ty, given.as_ref())?;
        let cursors = fields.iter().any(|f| self.asks_cursor(f));
        // Rows that are equal in the order must not change places between two pages, or between two reads of one page.
        let again = fields.iter().filter(|f| matches!(f.name, "edges" | "nodes" | "pageInfo")).count() > 1;
        let skips = self.said(list.field, "offset").is_some();
        if terms.is_empty() || cursors || again || skips || asked.by_place() {
            self.tie(list.ty, &mut terms);
        }
        let signature = self.signature(list.ty, &terms);
        Ok(Listing { asked, terms, signature })
    }

    fn asks_cursor(&self, field: &Field<'a>) -> bool {
        let (type_name, cursors): (_, &[&str]) = match field.name {
            "edges" => (field.first.selection_set.ty.as_str(), &["cursor"]),
            "pageInfo" => ("PageInfo", &["startCursor", "endCursor"]),
            _ => return false,
        };
        let fields = self.collect(type_name, &field.sets).unwrap_or_default();
        fields.iter().any(|f| cursors.contains(&f.name))
    }

    /// The text of every `pageInfo` of a connection, with a comma in front unless they are `first` in their object.
    fn wanted(&self, fields: &[Field<'a>], signature: u32, first: bool) -> Result<Wanted, Failure> {
        let (mut wanted, mut row, mut first) = (Wanted::default(), Row::default(), first);
        for info in fields.iter().filter(|f| f.name == "pageInfo") {
            row.text.name(info.key, first);
            first = false;
            let mut members = Members::open(&mut row);
            for field in self.collect("PageInfo", &info.sets)? {
                members.name(&mut row, field.key);
                match field.name {
                    "hasNextPage" => row.place(Piece::HasNext),
                    "hasPreviousPage" => row.place(Piece::HasPrevious),
                    "startCursor" => row.place(Piece::StartCursor(signature)),
                    "endCursor" => row.place(Piece::EndCursor(signature)),
                    _ => row.text.push("\"PageInfo\""),
                }
                wanted.next |= field.name == "hasNextPage";
                wanted.previous |= field.name == "hasPreviousPage";
                wanted.cursors |= matches!(field.name, "startCursor" | "endCursor");
            }
            members.close(&mut row);
        }
        wanted.text = row.text;
        Ok(wanted)
    }

    /// The rows of the page, as `nodes` or `edges` asks for them; `None` where only their page is spoken of.
    fn rows(
        &self,
        draft: &mut Draft,
        row: &mut Row,
        hang: &mut Hang,
        (list, listing): (&List<'_, 'a>, &Listing<'a>),
        field: Option<&Field<'a>>,
        info: Option<(Wanted, InfoAt)>,
    ) -> Result<(), Failure> {
        let at = |problem: Problem| Failure::at(problem, list.field.place);
        let asked = &listing.asked;
        let wants = |w: &Wanted| if asked.backward { w.previous } else { w.next };
        let extra = info.as_ref().is_some_and(|(w, _)| wants(w));
        draft.begin(hang);
        let filter = self.chosen(draft, list).map_err(at)?;
        let outer = std::mem::take(&mut draft.cost);
        let cursors =
            info.as_ref().is_some_and(|(w, _)| w.cursors) || field.is_some_and(|f| self.asks_cursor(f));
        let (select, level) = self.printed_row(draft, (list, listing), field, cursors)?;
        let inner = std::mem::replace(&mut draft.cost, outer);
        let cut = self.cut(&mut draft.slots, list.ty, (asked, &listing.terms), extra).map_err(at)?;
        let rows = Rows { part: draft.part, bound: cut.limit, plus: u64::from(extra) };
        draft.cost.lists.push((rows, inner));
        let (limit, offset, from_cursor) = (cut.limit, cut.offset, cut.from_cursor);
        let index = draft.page(PageBounds { part: draft.part, limit, extra, offset, from_cursor });
        let order =
            listing.terms.iter().map(|t| if asked.backward { turn(&t.order) } else { t.order.clone() });
        let read = Read {
            ty: list.ty,
            select,
            filter: Expr::all([filter, cut.condition]),
            order: order.collect(),
            limit: Some(limit),
            offset,
            total: false,
        };
        let info = info.map(|(wanted, at)| (wanted.text, at));
        let page = Page { index, backward: asked.backward, info, printed: field.is_some() };
        let level = draft.level(level);
        let key = key_of(list, field.filter(|f| f.key != "nodes"));
        draft.hang(row, hang, (key, read), (Form::Many, level, Some(page)));
        Ok(())
    }

    /// A row of the page: as a node, as an edge, or with nothing but its place.
    fn printed_row(
        &self,
        draft: &mut Draft,
        (list, listing): (&List<'_, 'a>, &Listing<'a>),
        field: Option<&Field<'a>>,
        cursors: bool,
    ) -> Result<(Vec<Item>, Level), Failure> {
        let mut row = Row::default();
        if cursors {
            for (n, term) in listing.terms.iter().enumerate() {
                let operand = term.order.operand.clone();
                let item = Item::Value { key: format!("cursor.{n}"), operand, cast: None };
                row.keep(Slot::Cursor, item, print(term.scalar));
            }
        }
        let name = &self.view.schema().ty(list.ty).name;
        match field {
            Some(field) if field.name == "edges" => self.edge(draft, &mut row, (list, listing), field)?,
            Some(field) => self.members(draft, &mut row, list.ty, (name, &field.sets), list.depth)?,
            None => {}
        }
        self.read_something(&mut row, list.ty)?;
        Ok(row.finish())
    }

    fn edge(
        &self,
        draft: &mut Draft,
        row: &mut Row,
        (list, listing): (&List<'_, 'a>, &Listing<'a>),
        field: &Field<'a>,
    ) -> Result<(), Failure> {
        let name = &self.view.schema().ty(list.ty).name;
        let mut members = Members::open(row);
        for part in self.collect(&format!("{name}Edge"), &field.sets)? {
            members.name(row, part.key);
            match part.name {
                "cursor" => row.place(Piece::Cursor(listing.signature)),
                "node" => self.members(draft, row, list.ty, (name, &part.sets), list.depth)?,
                _ => row.text.push(&format!("\"{name}Edge\"")),
            }
        }
        members.close(row);
        Ok(())
    }

    /// The condition of a list's arguments, apart from its page.
    pub(super) fn chosen(&self, draft: &mut Draft, list: &List<'_, 'a>) -> Result<Expr, Problem> {
        let slots = &mut draft.slots;
        let filter = self.said(list.field, "filter").map(|filter| self.condition(slots, list.ty, &filter));
        let filter = filter.transpose()?.unwrap_or(Expr::TRUE);
        let search = self.said(list.field, "search").map(|words| self.searched(slots, &words));
        Ok(Expr::all([filter, search.transpose()?.unwrap_or(Expr::TRUE)]))
    }
}

/// The name of a read beside others of the same list.
pub(super) fn key_of(list: &List<'_, '_>, field: Option<&Field<'_>>) -> String {
    match field {
        Some(field) => format!("{}.{}", list.field.key, field.key),
        None => list.field.key.into(),
    }
}

impl Draft {
    /// Begins a read: at the root with slots of its own.
    pub(super) fn begin(&mut self, hang: &Hang) {
        if let Hang::Parts(parts) = hang {
            self.part = parts.len();
        }
    }

    /// Puts a finished read where it hangs.
    pub(super) fn hang(
        &mut self,
        row: &mut Row,
        hang: &mut Hang,
        (key, read): (String, Read),
        (form, level, page): (Form, usize, Option<Page>),
    ) {
        match hang {
            Hang::Parts(parts) => {
                parts.push((read, std::mem::take(&mut self.slots)));
                row.part(form, level, page);
            }
            Hang::Embed(relation) => row.embed((key, *relation, read), (form, level, page)),
        }
    }

    /// Adds a level, and says which it is.
    pub(crate) fn level(&mut self, level: Level) -> usize {
        self.levels.push(level);
        self.levels.len() - 1
    }

    /// Adds a page, and says which it is.
    pub(super) fn page(&mut self, page: PageBounds) -> usize {
        self.pages.push(page);
        self.pages.len() - 1
    }
}
