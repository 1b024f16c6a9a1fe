//! The file on disk: made on first start, readable by its owner alone, replaced as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::Secrets;
use crate::error::AuthError;

/// The file's name in the data folder.
const NAME: &str = "keys.json";

/// Held while the file is read, changed and replaced.
const LOCK: &str = "keys.lock";

impl Secrets {
    /// Reads the secrets of the data folder `dir`, or makes folder and secrets if there are none. `now_s` is the time in
    /// seconds since the epoch. Errors if the file cannot be read, written or understood, or if others may read it.
    pub fn load_or_create(dir: &Path, now_s: i64) -> Result<Self, AuthError> {
        match Self::load(dir)? {
            Some(secrets) => Ok(secrets),
            None => Self::update(dir, now_s, |_| Ok(())).map(|((), secrets)| secrets),
        }
    }

    /// Reads the secrets of the data folder; `None` if there are none yet.
    pub fn load(dir: &Path) -> Result<Option<Self>, AuthError> {
        let path = dir.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(AuthError::File { action: "read", path, source }),
        };
        closed_to_others(&path)?;
        let secrets: Self = serde_json::from_slice(&text)
            .map_err(|error| AuthError::SecretsFile { path: path.clone(), reason: error.to_string() })?;
        match secrets.fault() {
            Some(reason) => Err(AuthError::SecretsFile { path, reason }),
            None => Ok(Some(secrets)),
        }
    }

    /// Changes the secrets under a lock and replaces the file; when this returns, the change is on the disk. If `change`
    /// fails, the file stays as it was. Answers what `change` answered, and the new secrets.
    pub fn update<T>(
        dir: &Path,
        now_s: i64,
        change: impl FnOnce(&mut Secrets) -> Result<T, AuthError>,
    ) -> Result<(T, Self), AuthError> {
        fs::create_dir_all(dir).map_err(|source| AuthError::File {
            action: "make",
            path: dir.to_owned(),
            source,
        })?;
        let lock = create(&dir.join(LOCK))?;
        lock.lock().map_err(|source| AuthError::File { action: "lock", path: dir.join(LOCK), source })?;
        let mut secrets = match Self::load(dir)? {
            Some(secrets) => secrets,
            None => Self::generate(now_s)?,
        };
        let answer = change(&mut secrets)?;
        secrets.save(dir)?;
        Ok((answer, secrets))
    }

    /// Writes beside, flushes to the disk, renames, flushes the folder: a cut leaves the old file or the new one.
    fn save(&self, dir: &Path) -> Result<(), AuthError> {
        let (path, beside) = (dir.join(NAME), dir.join(format!("{NAME}.new")));
        let fail = |action| {
            let path = path.clone();
            move |source| AuthError::File { action, path, source }
        };
        let text = serde_json::to_vec_pretty(self).expect("secrets hold text and numbers only");
        let mut file = create(&beside)?;
        file.write_all(&text).and_then(|()| file.write_all(b"\n")).map_err(fail("write"))?;
        file.sync_all().map_err(fail("flush"))?;
        fs::rename(&beside, &path).map_err(fail("replace"))?;
        // Windows has no handle on a folder to flush; elsewhere the rename is durable only with it.
        #[cfg(unix)]
        File::open(dir).and_then(|folder| folder.sync_all()).map_err(fail("flush the folder of"))?;
        Ok(())
    }
}

/// An empty file that its owner alone may read and write.
fn create(path: &Path) -> Result<File, AuthError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|source| AuthError::File { action: "make", path: PathBuf::from(path), source })
}

/// Refuses a file that a group or everybody can read: secrets in it may be known already.
fn closed_to_others(path: &Path) -> Result<(), AuthError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let found = fs::metadata(path).map_err(|source| AuthError::File {
            action: "read",
            path: path.into(),
            source,
        })?;
        if found.permissions().mode() & 0o077 != 0 {
            return Err(AuthError::SecretsOpen { path: path.to_owned() });
        }
    }
    Ok(())
}
