//! Who may use whom, from the manifests.

use anyhow::{Context, Result};

use super::House;

/// Compares every manifest with `layers.toml`, and the code map with the crates.
pub(crate) fn check(house: &House, complaints: &mut Vec<String>) -> Result<()> {
    let crates = house.layers.get("crates").and_then(|c| c.as_table()).context("layers.toml has [crates]")?;
    let drivers: Vec<(String, Vec<String>)> = house
        .layers
        .get("drivers")
        .and_then(|d| d.as_table())
        .map(|d| d.keys().map(|k| (k.clone(), house.list("drivers", k))).collect())
        .unwrap_or_default();
    let map = std::fs::read_to_string(house.root.join("ARCHITECTURE.md")).unwrap_or_default();
    for entry in std::fs::read_dir(house.root.join("crates"))? {
        let folder = entry?.path();
        let name =
            folder.file_name().and_then(|n| n.to_str()).context("a crate's folder is text")?.to_owned();
        let text = std::fs::read_to_string(folder.join("Cargo.toml"))
            .with_context(|| format!("{name}/Cargo.toml"))?;
        let manifest: toml::Table = text.parse().with_context(|| format!("{name}/Cargo.toml"))?;
        if !crates.contains_key(&name) {
            complaints.push(format!("crates/{name} is not in layers.toml"));
        }
        if !map.contains(&format!("`{name}`")) {
            complaints.push(format!("crates/{name} is not in the code map of ARCHITECTURE.md"));
        }
        complaints.extend(of(&name, &manifest, &house.list("crates", &name), &drivers));
    }
    for name in crates.keys().filter(|n| !house.root.join("crates").join(n.as_str()).is_dir()) {
        complaints.push(format!("layers.toml names {name}, which is no crate"));
    }
    Ok(())
}

/// The edges of one manifest that are not allowed.
pub(crate) fn of(
    name: &str,
    manifest: &toml::Table,
    allowed: &[String],
    drivers: &[(String, Vec<String>)],
) -> Vec<String> {
    let dependencies = manifest.get("dependencies").and_then(|d| d.as_table());
    let mut found = Vec::new();
    for dependency in dependencies.into_iter().flat_map(toml::Table::keys) {
        let unlisted = |ours: &str| !allowed.iter().any(|a| a == ours || a == "*");
        if let Some(ours) = dependency.strip_prefix("bistro-").filter(|ours| unlisted(ours)) {
            found.push(format!("crates/{name} may not use {ours} (layers.toml)"));
        }
        let owned = drivers.iter().find(|(driver, _)| driver == dependency);
        if let Some((driver, owners)) = owned.filter(|(_, owners)| !owners.iter().any(|o| o == name)) {
            found.push(format!("crates/{name} names the driver {driver}; only {} may", owners.join(", ")));
        }
    }
    found
}
