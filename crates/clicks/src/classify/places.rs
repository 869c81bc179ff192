//! Where addresses are, by the operator's `MaxMind` DB file; a changed file is taken up while running.

use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use hopline_domain::click::Place;
use maxminddb::{PathElement, Reader};

use super::ClassifierError;

/// Larger files are refused: they are held in memory.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

const COUNTRY: [PathElement<'_>; 2] = [PathElement::Key("country"), PathElement::Key("iso_code")];
const REGISTERED: [PathElement<'_>; 2] =
    [PathElement::Key("registered_country"), PathElement::Key("iso_code")];
const REGION: [PathElement<'_>; 3] =
    [PathElement::Key("subdivisions"), PathElement::Index(0), PathElement::Key("iso_code")];
const CITY: [PathElement<'_>; 3] =
    [PathElement::Key("city"), PathElement::Key("names"), PathElement::Key("en")];

type Database = Reader<Vec<u8>>;
/// When the file was changed, and its size.
type Stamp = (Option<SystemTime>, u64);

#[derive(Debug)]
struct Loaded {
    database: Arc<Database>,
    stamp: Stamp,
}

/// The database in use, if there is one.
#[derive(Debug)]
pub(super) struct Places {
    path: Option<PathBuf>,
    loaded: RwLock<Option<Loaded>>,
}

impl Places {
    pub(super) fn open(path: Option<PathBuf>) -> Result<Self, ClassifierError> {
        let loaded = path.as_deref().map(load).transpose()?;
        Ok(Self { path, loaded: RwLock::new(loaded) })
    }

    pub(super) fn of(&self, address: IpAddr) -> Place {
        let database = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().map(|loaded| Arc::clone(&loaded.database));
        database.map(|database| look_up(&database, address)).unwrap_or_default()
    }

    /// Takes the file up again if it changed; failing that, the old one stays in use. Whether it was taken up.
    pub(super) fn reload(&self) -> Result<bool, ClassifierError> {
        let Some(path) = &self.path else { return Ok(false) };
        let stamp = stamp(path)?;
        let known = self.loaded.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|l| l.stamp);
        if known == Some(stamp) {
            return Ok(false);
        }
        let fresh = load(path)?;
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        Ok(true)
    }
}

fn stamp(path: &Path) -> Result<Stamp, ClassifierError> {
    let file = fs::metadata(path).map_err(|error| ClassifierError::places(path, &error))?;
    Ok((file.modified().ok(), file.len()))
}

fn load(path: &Path) -> Result<Loaded, ClassifierError> {
    // Before reading: what is written meanwhile is then seen next time.
    let stamp = stamp(path)?;
    if stamp.1 > FILE_BYTES_MAX {
        return Err(ClassifierError::places(path, &format_args!("larger than {FILE_BYTES_MAX} bytes")));
    }
    let database = Reader::open_readfile(path).map_err(|error| ClassifierError::places(path, &error))?;
    // A file cut short opens well and fails later: a look at both ends of the tree tells.
    for probe in [IpAddr::from([1, 1, 1, 1]), IpAddr::from([223, 255, 255, 254])] {
        let found = database.lookup(probe).and_then(|found| found.decode_path::<String>(&COUNTRY));
        found.map_err(|error| ClassifierError::places(path, &error))?;
    }
    Ok(Loaded { database: Arc::new(database), stamp })
}

fn look_up(database: &Database, address: IpAddr) -> Place {
    let Ok(found) = database.lookup(address) else { return Place::default() };
    let text = |path: &[PathElement<'_>]| found.decode_path::<String>(path).ok().flatten();
    let country = text(&COUNTRY).or_else(|| text(&REGISTERED));
    let country = country.and_then(|code| code.parse().ok());
    let region = text(&REGION).filter(|code| !code.is_empty());
    Place {
        region: region.map(|code| match country {
            Some(country) => format!("{country}-{code}"),
            None => code,
        }),
        country,
        city: text(&CITY).filter(|name| !name.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Control byte and payload of the format's string, map and unsigned types.
    fn string(text: &str) -> Vec<u8> {
        [&[0x40 | u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    }

    fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let entries = pairs.iter().flat_map(|(key, value)| [string(key), value.clone()].concat());
        std::iter::once(0xe0 | u8::try_from(pairs.len()).unwrap()).chain(entries).collect()
    }

    fn array(items: &[Vec<u8>]) -> Vec<u8> {
        [&[u8::try_from(items.len()).unwrap(), 4][..], &items.concat()].concat()
    }

    fn number(value: u8) -> Vec<u8> {
        vec![0xa1, value]
    }

    /// A database of one node: the upper half of IPv4 is in `city`, the lower half nowhere.
    fn database(city: &str) -> Vec<u8> {
        let place = map(&[
            ("country", map(&[("iso_code", string("DE"))])),
            ("subdivisions", array(&[map(&[("iso_code", string("BE"))])])),
            ("city", map(&[("names", map(&[("en", string(city))]))])),
        ]);
        let metadata = map(&[
            ("binary_format_major_version", number(2)),
            ("binary_format_minor_version", number(0)),
            ("build_epoch", vec![1, 2, 1]),
            ("database_type", string("Test")),
            ("description", map(&[])),
            ("ip_version", number(4)),
            ("languages", array(&[])),
            ("node_count", vec![0xc1, 1]),
            ("record_size", number(24)),
        ]);
        let tree = [0, 0, 1, 0, 0, 17];
        [&tree[..], &[0; 16], &place, b"\xab\xcd\xefMaxMind.com", &metadata].concat()
    }

    #[test]
    fn addresses_have_places_and_a_changed_file_is_taken_up() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("places.mmdb");
        fs::write(&file, database("Berlin")).unwrap();
        let places = Places::open(Some(file.clone())).unwrap();
        let here = IpAddr::from([203, 0, 113, 9]);
        let berlin = Place {
            country: "DE".parse().ok(),
            region: Some("DE-BE".to_owned()),
            city: Some("Berlin".to_owned()),
        };
        assert_eq!(places.of(here), berlin);
        assert_eq!(places.of(IpAddr::from([9, 9, 9, 9])), Place::default());
        assert_eq!(places.of("2001:db8::1".parse().unwrap()), Place::default());
        assert!(!places.reload().unwrap(), "nothing changed");
        fs::write(&file, b"half a download").unwrap();
        assert!(places.reload().is_err());
        assert_eq!(places.of(here), berlin, "the old one stays in use");
        fs::write(&file, database("Potsdam")).unwrap();
        assert!(places.reload().unwrap());
        assert_eq!(places.of(here).city.as_deref(), Some("Potsdam"));
    }
}
