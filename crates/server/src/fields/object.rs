//! An object and what has been read of it; what nobody asked for is a fault.

use serde_json::{Map, Value};

use super::faults::Place;
use crate::app::App;

/// A body that is read by hand.
pub(crate) trait FromFields: Sized {
    /// Reads every member, noting all faults; `None` only when one was noted.
    fn read(fields: &mut Fields<'_, '_>, app: &App) -> Option<Self>;
}

/// What a merge patch does to one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change<T> {
    /// Absent.
    Keep,
    /// `null`.
    Clear,
    Set(T),
}

impl<T> Change<T> {
    /// The new value, if there is one; clearing sets `cleared`.
    pub(crate) fn or_cleared(self, cleared: T) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(cleared),
            Self::Set(value) => Some(value),
        }
    }

    /// What `base` becomes by it.
    pub(crate) fn onto(self, base: Option<T>) -> Option<T> {
        match self {
            Self::Keep => base,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The same for a member that may hold nothing.
    pub(crate) fn optional(self) -> Change<Option<T>> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(Some(value)),
        }
    }
}

/// The members of an object.
#[derive(Debug)]
pub(crate) struct Fields<'v, 'f> {
    object: &'v Map<String, Value>,
    place: Place<'f>,
    known: Vec<&'static str>,
}

impl<'v, 'f> Fields<'v, 'f> {
    pub(crate) fn new(object: &'v Map<String, Value>, place: Place<'f>) -> Self {
        Self { object, place, known: Vec::new() }
    }

    /// A member that may be absent; `null` says the same.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&Value, &mut Place<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.member(name).filter(|value| !value.is_null())?;
        read(value, &mut self.place.below(name))
    }

    /// A member that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&Value, &mut Place<'_>) -> Option<T>,
    ) -> Option<T> {
        match self.member(name) {
            Some(value) => read(value, &mut self.place.below(name)),
            None => self.place.below(name).refuse("required", "this member is required"),
        }
    }

    /// A member of a merge patch (RFC 7396). One that is refused is as good as absent.
    pub(crate) fn change<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&Value, &mut Place<'_>) -> Option<T>,
    ) -> Change<T> {
        match self.member(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => read(value, &mut self.place.below(name)).map_or(Change::Keep, Change::Set),
        }
    }

    /// Whether a member is there, `null` or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Where a member is, for faults found after it was read.
    pub(crate) fn place_of(&mut self, name: &str) -> Place<'_> {
        self.place.below(name)
    }

    /// Notes a fault that was found when all members were read; the pointer begins at this object.
    pub(crate) fn refuse_at(&mut self, pointer: &str, code: &str, detail: impl Into<String>) {
        self.place.refuse_below(pointer, code, detail);
    }

    /// Notes the members nobody asked for.
    pub(crate) fn finish(mut self) {
        let known = &self.known;
        let unknown: Vec<&String> =
            self.object.keys().filter(|name| !known.contains(&name.as_str())).collect();
        for name in unknown {
            self.place.below(name).refuse::<()>("unknown", "there is no such member here");
        }
    }

    fn member(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.object.get(name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fields::{Faults, integer, list, object, text};

    #[test]
    fn every_fault_is_found_at_once() {
        let body = json!({"name": 3, "limits": {"day": -1, "x": 1}, "tags": ["a", 2], "odd": true});
        let mut faults = Faults::default();
        let mut fields = Fields::new(body.as_object().unwrap(), Place::root(&mut faults));
        let missing: Option<String> = fields.required("url", text(10));
        let name = fields.optional("name", text(10));
        fields.optional("limits", object(|limits| limits.optional("day", integer(1, 9))));
        fields.optional("tags", list(5, text(10)));
        fields.finish();
        assert!(missing.is_none() && name.is_none());
        let told: Vec<_> =
            faults.into_vec().into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
        assert_eq!(
            told,
            [
                "/url required",
                "/name type",
                "/limits/day out_of_range",
                "/limits/x unknown",
                "/tags/1 type",
                "/odd unknown"
            ]
        );
    }

    #[test]
    fn whole_numbers_may_be_written_as_floats() {
        for (value, expected) in [
            (json!(5), Some(5)),
            (json!(5.0), Some(5)),
            (json!(5.5), None),
            (json!(-1.0), None),
            (json!(1e300), None),
        ] {
            let mut faults = Faults::default();
            assert_eq!(integer(0, 1_000)(&value, &mut Place::root(&mut faults)), expected, "{value}");
        }
    }

    #[test]
    fn a_patch_tells_absent_from_null() {
        let body = json!({"a": null, "b": "x"});
        let mut faults = Faults::default();
        let mut fields = Fields::new(body.as_object().unwrap(), Place::root(&mut faults));
        assert_eq!(fields.change("a", text(9)), Change::Clear);
        assert_eq!(fields.change("b", text(9)), Change::Set("x".to_owned()));
        assert_eq!(fields.change("c", text(9)), Change::Keep);
    }
}
