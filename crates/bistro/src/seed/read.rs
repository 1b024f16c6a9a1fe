//! Files become tables of rows: which collection each fills, and where its rows stand.

use std::path::{Path, PathBuf};

use bistro_schema::{FieldId, Schema, TypeId, names};

use super::place::{Mistake, Place};
use super::row::{self, Raw, Row, Text};
use super::{csv_rows, json_rows};
use crate::error::Failure;

/// The forms of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `.json`.
    Json,
    /// `.jsonl`.
    Lines,
    /// `.csv`.
    Csv,
}

/// The form that a file's name says.
pub(super) fn form(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()? {
        "json" => Some(Form::Json),
        "jsonl" | "ndjson" => Some(Form::Lines),
        "csv" => Some(Form::Csv),
        _ => None,
    }
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct File {
    /// Its name as it was given.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
    /// For CSV, the fields of the columns.
    pub(super) header: Vec<FieldId>,
}

/// The rows of one collection.
#[derive(Debug)]
pub(super) struct Table {
    /// The collection.
    pub(super) ty: TypeId,
    /// The rows, in the order of the files.
    pub(super) rows: Vec<Raw>,
}

/// All rows of all files.
#[derive(Debug, Default)]
pub(super) struct Seeds {
    /// The files.
    pub(super) files: Vec<File>,
    /// One table a collection.
    pub(super) tables: Vec<Table>,
}

impl Seeds {
    /// Reads files. Names and forms are checked here, values are not.
    pub(super) fn read(schema: &Schema, paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut seeds = Self::default();
        for path in paths {
            seeds.file(schema, path)?;
        }
        Ok(seeds)
    }

    /// One row from the text of a JSON object.
    pub(super) fn one(ty: TypeId, text: &str, name: &str) -> Self {
        let file = File { name: name.to_owned(), text: text.to_owned(), header: Vec::new() };
        let row = Raw { place: Place { file: 0, line: 1 }, text: Text::Json(0..text.len()) };
        Self { files: vec![file], tables: vec![Table { ty, rows: vec![row] }] }
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.tables.iter().map(|t| t.rows.len()).sum()
    }

    /// Reads the values of a row.
    pub(super) fn decode(&self, schema: &Schema, ty: TypeId, raw: &Raw) -> Result<Row, Failure> {
        let file = &self.files[raw.place.file];
        row::decode(schema, ty, raw, &file.text, &file.header).map_err(|m| m.in_file(&file.name))
    }

    fn file(&mut self, schema: &Schema, path: &Path) -> Result<(), Failure> {
        let name = path.display().to_string();
        let form = form(path).ok_or_else(|| {
            let message = "seeds are .json, .jsonl or .csv files".to_owned();
            Mistake::at(1, message).in_file(&name)
        })?;
        let bytes = std::fs::read(path).map_err(Failure::file("read", path))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + before.iter().filter(|b| **b == b'\n').count();
            Mistake::at(line, "the file is not UTF-8 from here on").in_file(&name)
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        self.files.push(File { name: name.clone(), text, header: Vec::new() });
        self.rows_of(schema, path, form).map_err(|m| m.in_file(&name))
    }

    /// The rows of the file that was read last.
    fn rows_of(&mut self, schema: &Schema, path: &Path, form: Form) -> Result<(), Mistake> {
        let index = self.files.len() - 1;
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let json = |rows: json_rows::Rows| -> Vec<Raw> {
            rows.into_iter()
                .map(|(range, line)| Raw { place: Place { file: index, line }, text: Text::Json(range) })
                .collect()
        };
        match form {
            Form::Json => {
                for (name, rows) in json_rows::document(&self.files[index].text)? {
                    let line = rows.first().map_or(1, |(_, line)| *line);
                    let ty = collection(schema, name.as_deref().unwrap_or(&stem), line)?;
                    self.add(ty, json(rows));
                }
            }
            Form::Lines => {
                let ty = collection(schema, &stem, 1)?;
                let rows = json(json_rows::lines(&self.files[index].text)?);
                self.add(ty, rows);
            }
            Form::Csv => {
                let ty = collection(schema, &stem, 1)?;
                let csv = csv_rows::read(&self.files[index].text)?;
                let fields = csv.header.iter().map(|name| row::field(schema.ty(ty), name.trim()));
                let header: Vec<FieldId> = fields.collect::<Result<_, _>>().map_err(|m| Mistake::at(1, m))?;
                if let Some(twice) = header.iter().enumerate().find(|(n, f)| header[..*n].contains(f)) {
                    let name = &schema.ty(ty).field(*twice.1).name;
                    return Err(Mistake::at(1, format!("two columns of the header mean {name:?}")));
                }
                self.files[index].header = header;
                let raw =
                    |(record, line)| Raw { place: Place { file: index, line }, text: Text::Csv(record) };
                let rows = csv.records.into_iter().map(raw).collect();
                // The records hold all that is needed of the text.
                self.files[index].text = String::new();
                self.add(ty, rows);
            }
        }
        Ok(())
    }

    fn add(&mut self, ty: TypeId, rows: Vec<Raw>) {
        match self.tables.iter_mut().find(|t| t.ty == ty) {
            Some(table) => table.rows.extend(rows),
            None => self.tables.push(Table { ty, rows }),
        }
    }
}

/// The collection of a name, if rows can be written to it.
fn collection(schema: &Schema, name: &str, line: usize) -> Result<TypeId, Mistake> {
    let Some(id) = schema.by_collection(name) else {
        let known = schema.types.iter().map(|t| t.collection.as_str());
        let near =
            names::nearest(name, known).map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        return Err(Mistake::at(line, format!("the schema has no collection {name:?}{near}")));
    };
    if !schema.ty(id).writable() {
        return Err(Mistake::at(line, format!("{name} is a view and cannot be written")));
    }
    Ok(id)
}
