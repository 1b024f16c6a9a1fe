//! What each type is (`@model`, `@account`, `@view`), and what its rows are called together.

use bistro_problem::Diagnostic;
use bistro_schema::{Type, TypeKind, names};

use crate::codes;
use crate::directives::named;
use crate::draft::{Draft, TypeDecl, text};
use crate::place::{At, Place};

/// Declares the types, without fields yet.
pub(crate) fn run(draft: &mut Draft) {
    let mut found = Vec::new();
    for decl in &draft.types {
        let kind = kind(decl, &mut found);
        let (collection, plural) = called(decl, &mut found);
        draft.schema.types.push(Type {
            name: decl.name.to_string(),
            collection,
            plural,
            description: decl.description.clone(),
            kind,
            fields: Vec::new(),
            relations: Vec::new(),
            key: Vec::new(),
            uniques: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            allows: Vec::new(),
            span: decl.name.span(),
        });
    }
    accounts(&draft.types, &mut found);
    draft.diagnostics.extend(found);
}

fn kind(decl: &TypeDecl, found: &mut Vec<Diagnostic>) -> TypeKind {
    let (model, account, view) = (decl.directive("model"), decl.directive("account"), decl.directive("view"));
    let other =
        ["document", "keyvalue", "wide", "edge", "series"].iter().any(|d| decl.directive(d).is_some());
    let misspelt = decl
        .directives
        .iter()
        .any(|d| named(&d.name).is_none() && names::nearest(&d.name, ["model", "account", "view"]).is_some());
    if model.or(account).or(view).is_none() && !other && !misspelt {
        let message = format!("the type `{}` does not say what it is", decl.name);
        let told = Diagnostic::error(codes::TYPE_KIND, decl.name.at(), message)
            .label("no @model, @account or @view");
        found.push(told.hint(format!("write `type {} @model` for rows in a table", decl.name)));
    }
    if let (Some(view), Some(_)) = (view, model.or(account)) {
        let message = format!("the type `{}` is both a view and a model", decl.name);
        found.push(
            Diagnostic::error(codes::TYPE_KIND, view.at(), message)
                .label("a view stores nothing")
                .hint("keep one of the two"),
        );
    }
    let sql = |name: &str| view.and_then(|d| text(d, name)).map(|(s, _)| s.to_owned());
    match (view, account) {
        (Some(_), _) => {
            if let Some((_, at)) = view.and_then(|d| text(d, "sql")).filter(|(s, _)| s.trim().is_empty()) {
                let told = Diagnostic::error(codes::VIEW, at, "the query of the view is empty");
                found.push(told.label("no query").hint("write a SELECT that gives the fields of the type"));
            }
            TypeKind::View {
                sql: sql("sql").unwrap_or_default(),
                postgres: sql("postgres"),
                mysql: sql("mysql"),
            }
        }
        (None, Some(_)) => TypeKind::Account,
        (None, None) => TypeKind::Model,
    }
}

/// The collection's name and the plural words.
fn called(decl: &TypeDecl, found: &mut Vec<Diagnostic>) -> (String, String) {
    let by_rule = names::plural(&names::snake(&decl.name));
    let Some(model) = decl.directive("model").or(decl.directive("view")) else {
        return (by_rule.clone(), by_rule);
    };
    let plural = match text(model, "plural") {
        Some((word, at)) if !is_word(word) => {
            let told = Diagnostic::error(codes::COLLECTION, at, format!("`{word}` cannot be a plural"));
            found.push(
                told.label("not a word").hint("use letters, digits and underscores, beginning with a letter"),
            );
            by_rule
        }
        Some((word, _)) => names::snake(word),
        None => by_rule,
    };
    let collection = match text(model, "name") {
        Some((name, at)) => {
            table_name(name, at, found);
            name.to_owned()
        }
        None => plural.clone(),
    };
    (collection, plural)
}

fn is_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A table of one's own naming may hold spaces, but no character that no path or statement carries.
fn table_name(name: &str, at: Place, found: &mut Vec<Diagnostic>) {
    let bad = name.chars().find(|c| c.is_control() || matches!(c, '/' | '"' | '`' | '\\' | '?' | '#' | '%'));
    let told = match bad {
        Some(c) => format!("the name of a table cannot hold {c:?}"),
        None if name.trim().is_empty() || name.trim() != name => {
            "the name of a table neither is empty nor begins or ends with a space".to_owned()
        }
        None if name.starts_with('.') => "the name of a table does not begin with a dot".to_owned(),
        None => return,
    };
    found.push(
        Diagnostic::error(codes::COLLECTION, at, told)
            .label("not usable")
            .hint("use letters, digits, underscores and spaces between words"),
    );
}

fn accounts(types: &[TypeDecl], found: &mut Vec<Diagnostic>) {
    let mut marked = types.iter().filter_map(|t| t.directive("account").map(|d| (&t.name, d)));
    let Some((first, first_mark)) = marked.next() else { return };
    for (name, mark) in marked {
        let message = format!("`{name}` is a second @account beside `{first}`");
        found.push(
            Diagnostic::error(codes::ACCOUNT, mark.at(), message)
                .label("the second")
                .related(first_mark.at(), "the first")
                .hint("accounts live in one model; make this one a @model with a relation to it"),
        );
    }
}
