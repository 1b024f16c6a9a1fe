//! `bistro new`.

use std::path::Path;

use crate::dev::starter;
use crate::error::Failure;
use crate::terminal;

/// Makes a folder with a small schema, seeds and a configuration.
pub(crate) fn new(folder: &Path) -> Result<(), Failure> {
    let taken =
        folder.is_dir() && std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken || folder.is_file() {
        let text = format!("{} exists and is not an empty folder; choose another name", folder.display());
        return Err(Failure::Usage(text));
    }
    std::fs::create_dir_all(folder).map_err(Failure::file("make the folder", folder))?;
    let mut files = starter::write(folder)?;
    files.extend(starter::write_config(folder)?);
    let dir = folder.display();
    let lines: Vec<String> = files.iter().map(|file| format!("  {}\n", file.display())).collect();
    terminal::out(&format!("Made\n{}Start it with: bistro dev {dir}\n", lines.concat()));
    Ok(())
}
