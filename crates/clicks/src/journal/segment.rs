//! Segments: files named by the place of their first byte in the journal, each with a head that says so again.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use hopline_domain::time::Timestamp;

use super::{JournalError, frame};

const MAGIC: [u8; 8] = *b"HOPCLK01";
/// Magic, base, time of making, CRC-32 of these.
const HEAD_BYTES: usize = 28;
pub(super) const HEAD_LENGTH: u64 = 28;
const EXTENSION: &str = "clicks";
/// Digits of the largest base, so that names sort as bases do.
const NAME_DIGITS: usize = 20;

pub(super) fn path(folder: &Path, base: u64) -> PathBuf {
    folder.join(format!("{base:0NAME_DIGITS$}.{EXTENSION}"))
}

/// The bases of all segments, in order. Anything else in the folder is refused.
pub(super) fn list(folder: &Path) -> Result<Vec<u64>, JournalError> {
    let entries = fs::read_dir(folder).map_err(JournalError::io(folder))?;
    let mut bases = Vec::new();
    for entry in entries {
        let path = entry.map_err(JournalError::io(folder))?.path();
        bases.push(base_of(&path).ok_or_else(|| JournalError::Foreign { path: path.display().to_string() })?);
    }
    bases.sort_unstable();
    Ok(bases)
}

fn base_of(path: &Path) -> Option<u64> {
    let digits = path.file_name()?.to_str()?.strip_suffix(".clicks")?;
    let plain = digits.len() == NAME_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The segment that is written to.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) file: std::sync::Arc<File>,
    pub(super) base: u64,
    /// Bytes that stand, head included.
    pub(super) length: u64,
    pub(super) created_at: Timestamp,
}

impl Active {
    pub(super) const fn end(&self) -> u64 {
        self.base + self.length
    }

    pub(super) const fn has_records(&self) -> bool {
        self.length > HEAD_LENGTH
    }

    /// Makes a segment that begins at `base`, with its name on the disk.
    pub(super) fn create(folder: &Path, base: u64, now: Timestamp) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let path = path(folder, base);
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        let made = file
            .write_all_at(&head(base, now), 0)
            .and_then(|()| file.sync_data())
            .and_then(|()| sync_folder(folder));
        if let Err(error) = made {
            // The next try makes it again; a leftover would stand in its way.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        Ok(Self { file: file.into(), base, length: HEAD_LENGTH, created_at: now })
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_data()
}

fn head(base: u64, now: Timestamp) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(&MAGIC);
    head[8..16].copy_from_slice(&base.to_le_bytes());
    head[16..24].copy_from_slice(&now.0.to_le_bytes());
    let sum = crc32fast::hash(&head[..24]);
    head[24..].copy_from_slice(&sum.to_le_bytes());
    head
}

/// When the segment was made, if this is the head of the one at `base`.
fn read_head(bytes: &[u8], base: u64) -> Option<Timestamp> {
    let head = bytes.first_chunk::<HEAD_BYTES>()?;
    let created_at = Timestamp(i64::from_le_bytes(head[16..24].try_into().ok()?));
    (*head == self::head(base, created_at)).then_some(created_at)
}

/// Refuses a segment whose head is not its own.
pub(super) fn check_head(folder: &Path, base: u64) -> Result<(), JournalError> {
    let path = path(folder, base);
    let mut bytes = [0; HEAD_BYTES];
    let read = File::open(&path).and_then(|mut file| file.read_exact(&mut bytes));
    match read {
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(JournalError::io(&path)(error)),
        _ if read_head(&bytes, base).is_some() => Ok(()),
        _ => Err(JournalError::Damaged { path: path.display().to_string() }),
    }
}

/// What the last segment came to.
#[derive(Debug)]
pub(super) struct Reopened {
    /// `None`: it was cut short while it was made, and is gone.
    pub(super) active: Option<Active>,
    pub(super) cut_bytes: u64,
    pub(super) damaged: usize,
}

/// Opens the last segment: what follows its last whole record is cut.
pub(super) fn reopen(folder: &Path, base: u64) -> Result<Reopened, JournalError> {
    let path = path(folder, base);
    let io = || JournalError::io(&path);
    let bytes = fs::read(&path).map_err(io())?;
    if bytes.len() < HEAD_BYTES {
        fs::remove_file(&path).map_err(io())?;
        return Ok(Reopened { active: None, cut_bytes: wide(bytes.len()), damaged: 0 });
    }
    let created_at =
        read_head(&bytes, base).ok_or_else(|| JournalError::Damaged { path: path.display().to_string() })?;
    let scanned = frame::scan(&bytes[HEAD_BYTES..]);
    let length = HEAD_BYTES + scanned.bytes;
    let file = OpenOptions::new().read(true).write(true).open(&path).map_err(io())?;
    if length < bytes.len() {
        file.set_len(wide(length)).and_then(|()| file.sync_data()).map_err(io())?;
    }
    let active = Active { file: file.into(), base, length: wide(length), created_at };
    Ok(Reopened { active: Some(active), cut_bytes: wide(bytes.len() - length), damaged: scanned.damaged })
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
