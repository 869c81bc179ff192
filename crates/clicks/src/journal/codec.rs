//! One click as the bytes of a record. Fields have a fixed order; a later version gets a number of its own.

use std::net::IpAddr;

use hopline_domain::{
    click::{Agent, BotReason, Click, ClickSource, Country, Device, Place, Utm, VisitorHash, cut},
    id::{LinkId, TagId, WorkspaceId},
    limits::CLICK_TEXT_BYTES_MAX,
    time::Timestamp,
};
use strum::IntoEnumIterator;
use uuid::Uuid;

const VERSION: u8 = 1;
/// Stands for "no rule".
const NO_RULE: u16 = u16::MAX;
/// Stands for "a person".
const NO_BOT: u8 = u8::MAX;

pub(super) fn encode(click: &Click, out: &mut Vec<u8>) {
    out.push(VERSION);
    out.extend_from_slice(&click.at.0.to_le_bytes());
    out.extend_from_slice(click.workspace_id.0.as_bytes());
    out.extend_from_slice(click.link_id.0.as_bytes());
    out.extend_from_slice(&click.visitor.0);
    out.extend_from_slice(&[click.agent.device as u8, click.source as u8]);
    out.push(click.bot.map_or(NO_BOT, |bot| bot as u8));
    out.extend_from_slice(&click.rule.unwrap_or(NO_RULE).to_le_bytes());
    out.extend_from_slice(
        click.place.country.as_ref().map_or(b"\0\0", |country| country.as_str().as_bytes()),
    );
    address(click.address, out);
    let tags = &click.tags[..click.tags.len().min(usize::from(u8::MAX))];
    out.push(u8::try_from(tags.len()).unwrap_or(0));
    for tag in tags {
        out.extend_from_slice(tag.0.as_bytes());
    }
    text(Some(&click.domain), out);
    for field in texts(click) {
        text(field.as_deref(), out);
    }
}

/// The optional texts in the order of the record.
fn texts(click: &Click) -> [&Option<String>; 11] {
    let Click { agent, place, utm, .. } = click;
    [
        &agent.os,
        &agent.browser,
        &click.language,
        &click.referrer,
        &place.region,
        &place.city,
        &utm.source,
        &utm.medium,
        &utm.campaign,
        &utm.term,
        &utm.content,
    ]
}

fn address(address: Option<IpAddr>, out: &mut Vec<u8>) {
    match address {
        None => out.push(0),
        Some(IpAddr::V4(v4)) => {
            out.push(4);
            out.extend_from_slice(&v4.octets());
        }
        Some(IpAddr::V6(v6)) => {
            out.push(6);
            out.extend_from_slice(&v6.octets());
        }
    }
}

fn text(text: Option<&str>, out: &mut Vec<u8>) {
    let text = text.unwrap_or_default();
    let kept = cut(text, CLICK_TEXT_BYTES_MAX);
    out.push(u8::try_from(kept.len()).unwrap_or(0));
    out.extend_from_slice(kept.as_bytes());
}

/// `None` when the bytes are no click this version knows.
pub(super) fn decode(bytes: &[u8]) -> Option<Click> {
    let mut fields = Fields(bytes);
    let click = (fields.byte().ok()? == VERSION).then(|| read(&mut fields))?.ok()?;
    fields.0.is_empty().then_some(click)
}

/// The bytes end early, or say what no click says.
#[derive(Debug)]
struct Unreadable;

type Read<T> = Result<T, Unreadable>;

fn read(fields: &mut Fields<'_>) -> Read<Click> {
    let at = Timestamp(i64::from_le_bytes(fields.take()?));
    let workspace_id = WorkspaceId(fields.uuid()?);
    let link_id = LinkId(fields.uuid()?);
    let visitor = VisitorHash(fields.take()?);
    let device: Device = fields.word()?;
    let source: ClickSource = fields.word()?;
    let bot = fields.bot()?;
    let rule = Some(u16::from_le_bytes(fields.take()?)).filter(|rule| *rule != NO_RULE);
    let country = fields.country()?;
    let address = fields.address()?;
    let tags = (0..fields.byte()?).map(|_| fields.uuid().map(TagId)).collect::<Read<_>>()?;
    let domain = fields.text()?.unwrap_or_default();
    let mut agent = Agent { device, ..Agent::default() };
    [agent.os, agent.browser] = [fields.text()?, fields.text()?];
    let (language, referrer) = (fields.text()?, fields.text()?);
    let place = Place { country, region: fields.text()?, city: fields.text()? };
    let utm = fields.utm()?;
    Ok(Click {
        at,
        workspace_id,
        link_id,
        domain,
        tags,
        rule,
        place,
        agent,
        language,
        referrer,
        utm,
        source,
        bot,
        visitor,
        address,
    })
}

/// What of a record is not read yet.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>().ok_or(Unreadable)?;
        self.0 = rest;
        Ok(*field)
    }

    fn byte(&mut self) -> Read<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn uuid(&mut self) -> Read<Uuid> {
        self.take().map(Uuid::from_bytes)
    }

    fn word<T: IntoEnumIterator>(&mut self) -> Read<T> {
        numbered(self.byte()?)
    }

    fn bot(&mut self) -> Read<Option<BotReason>> {
        match self.byte()? {
            NO_BOT => Ok(None),
            number => numbered(number).map(Some),
        }
    }

    fn country(&mut self) -> Read<Option<Country>> {
        let letters = self.take::<2>()?;
        if letters == [0, 0] {
            return Ok(None);
        }
        let code = std::str::from_utf8(&letters).ok().and_then(|code| code.parse().ok());
        code.map(Some).ok_or(Unreadable)
    }

    fn address(&mut self) -> Read<Option<IpAddr>> {
        match self.byte()? {
            0 => Ok(None),
            4 => self.take::<4>().map(|octets| Some(octets.into())),
            6 => self.take::<16>().map(|octets| Some(octets.into())),
            _ => Err(Unreadable),
        }
    }

    fn text(&mut self) -> Read<Option<String>> {
        let length = usize::from(self.byte()?);
        let (text, rest) = self.0.split_at_checked(length).ok_or(Unreadable)?;
        self.0 = rest;
        let text = std::str::from_utf8(text).map_err(|_| Unreadable)?;
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    fn utm(&mut self) -> Read<Utm> {
        Ok(Utm {
            source: self.text()?,
            medium: self.text()?,
            campaign: self.text()?,
            term: self.text()?,
            content: self.text()?,
        })
    }
}

/// A word of a closed set by its place in it.
fn numbered<T: IntoEnumIterator>(number: u8) -> Read<T> {
    T::iter().nth(usize::from(number)).ok_or(Unreadable)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A click that can be told from others by `number`.
    pub(in crate::journal) fn click(number: i64) -> Click {
        Click {
            at: Timestamp(number),
            workspace_id: WorkspaceId(Uuid::from_u128(1)),
            link_id: LinkId(Uuid::from_u128(2)),
            domain: "go.example".to_owned(),
            tags: vec![TagId(Uuid::from_u128(3))],
            rule: Some(4),
            place: Place { country: "DE".parse().ok(), region: Some("DE-BE".to_owned()), city: None },
            agent: Agent {
                device: Device::Mobile,
                os: Some("iOS".to_owned()),
                browser: Some("Safari".to_owned()),
            },
            language: Some("de".to_owned()),
            referrer: Some("news.example".to_owned()),
            utm: Utm { campaign: Some("spring".to_owned()), ..Utm::default() },
            source: ClickSource::Qr,
            bot: Some(BotReason::Prefetch),
            visitor: VisitorHash([7; 16]),
            address: Some(IpAddr::from([203, 0, 113, 9])),
        }
    }

    fn round_trip(click: &Click) -> Option<Click> {
        let mut bytes = Vec::new();
        encode(click, &mut bytes);
        decode(&bytes)
    }

    #[test]
    fn clicks_come_back_as_they_were() {
        let full = click(5);
        assert_eq!(round_trip(&full).as_ref(), Some(&full));
        let bare = Click {
            tags: Vec::new(),
            rule: None,
            place: Place::default(),
            agent: Agent::default(),
            language: None,
            referrer: None,
            utm: Utm::default(),
            source: ClickSource::Link,
            bot: None,
            address: Some(IpAddr::from([0, 1, 2, 3, 4, 5, 6, 7])),
            ..full
        };
        assert_eq!(round_trip(&bare).as_ref(), Some(&bare));
    }

    #[test]
    fn the_longest_click_fits_a_frame() {
        let long = || Some("ä".repeat(200));
        let mut click = click(5);
        click.tags = vec![TagId(Uuid::max()); 300];
        click.domain = "d".repeat(300);
        click.utm = Utm { source: long(), medium: long(), campaign: long(), term: long(), content: long() };
        (click.language, click.referrer, click.place.region, click.place.city) =
            (long(), long(), long(), long());
        (click.agent.os, click.agent.browser) = (long(), long());
        let mut bytes = Vec::new();
        encode(&click, &mut bytes);
        assert!(bytes.len() <= super::super::frame::RECORD_BYTES_MAX, "{}", bytes.len());
        let back = decode(&bytes).unwrap();
        assert_eq!((back.tags.len(), back.domain.len(), back.utm.term.unwrap().len()), (255, 255, 254));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn bytes_that_are_no_click_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(click) = decode(&bytes) {
                prop_assert_eq!(round_trip(&click), Some(click));
            }
        }
    }
}
