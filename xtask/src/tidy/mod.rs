//! What a rule of the house says, a machine checks: layers, drivers, purity, names, sizes, the code map.

mod edges;
mod files;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// `cargo xtask tidy`
#[derive(clap::Args)]
pub(crate) struct Args {}

/// Everything that the checks look at.
pub(crate) struct House {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// `layers.toml`.
    pub(crate) layers: toml::Table,
}

impl House {
    /// The checkout that this tool belongs to.
    pub(crate) fn open() -> Result<Self> {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the checkout")?.to_owned();
        let text = std::fs::read_to_string(root.join("layers.toml")).context("layers.toml")?;
        Ok(Self { root, layers: text.parse().context("layers.toml")? })
    }

    /// The strings of a list in `layers.toml`.
    pub(crate) fn list(&self, table: &str, key: &str) -> Vec<String> {
        let values = self.layers.get(table).and_then(|t| t.get(key)).and_then(|v| v.as_array());
        values.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }
}

/// Runs every check; all complaints are printed at once.
pub(crate) fn run(_: &Args) -> Result<()> {
    let house = House::open()?;
    let mut complaints = Vec::new();
    edges::check(&house, &mut complaints)?;
    files::check(&house, &mut complaints)?;
    for complaint in &complaints {
        eprintln!("tidy: {complaint}");
    }
    match complaints.len() {
        0 => {
            println!("tidy: layers, drivers, names, sizes and the code map hold");
            Ok(())
        }
        n => bail!("{n} rules of the house are broken"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        let house = House::open().expect("layers.toml is there");
        let mut complaints = Vec::new();
        edges::check(&house, &mut complaints).expect("manifests are read");
        files::check(&house, &mut complaints).expect("files are read");
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    #[test]
    fn an_edge_that_is_not_listed_is_found() {
        let manifest: toml::Table =
            "[dependencies]\nbistro-engine.workspace = true\nrusqlite = \"1\"".parse().expect("toml");
        let found =
            edges::of("schema", &manifest, &[], &[("rusqlite".to_owned(), vec!["store-sqlite".to_owned()])]);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
