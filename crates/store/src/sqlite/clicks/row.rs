//! One raw click as a row.

use std::net::IpAddr;

use hopline_domain::{
    click::{Agent, Click, Country, JournalClick, Place, Utm, VisitorHash},
    id::{LinkId, TagId, WorkspaceId},
};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{broken, offset, place, rows};
use crate::sqlite::{
    fault::{Fault, SqlResult},
    rows::Columns,
};

const CLICK_ADD: &str = "-- click_add
insert into clicks (place, at, workspace, link, domain, tags, rule, country, region, city, device, os, browser,
    language, referrer, utm_source, utm_medium, utm_campaign, utm_term, utm_content, source, bot, visitor, address)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)";

pub(super) fn add(connection: &Connection, read: &JournalClick, keys: (i64, i64)) -> SqlResult<()> {
    let JournalClick { offset, click } = read;
    let tags: Vec<u8> = click.tags.iter().flat_map(|tag| *tag.0.as_bytes()).collect();
    let Click { place: at_place, agent, utm, .. } = click;
    let values = params![
        place(*offset),
        click.at.0,
        keys.0,
        keys.1,
        click.domain,
        tags,
        click.rule,
        at_place.country.as_ref().map(Country::as_str),
        at_place.region,
        at_place.city,
        agent.device.as_str(),
        agent.os,
        agent.browser,
        click.language,
        click.referrer,
        utm.source,
        utm.medium,
        utm.campaign,
        utm.term,
        utm.content,
        click.source.as_str(),
        click.bot.map(hopline_domain::click::BotReason::as_str),
        click.visitor.0,
        click.address.map(|address| address.to_string())
    ];
    rows::write(connection, CLICK_ADD, values).map(|_| ())
}

/// Reads a row of the columns in their order in `click_add`, with the ids in place of the keys.
pub(super) fn read(columns: &mut Columns<'_, '_>) -> SqlResult<JournalClick> {
    let (offset, at) = (offset(columns.take()?), columns.time()?);
    let workspace_id = WorkspaceId(columns.take()?);
    let link_id = LinkId(columns.take()?);
    let (domain, tags) = (columns.take()?, tags(&columns.take::<Vec<u8>>()?)?);
    let rule = columns.take()?;
    let country = columns.word_or_none("a country")?;
    let place = Place { country, region: columns.take()?, city: columns.take()? };
    let device = columns.word("a device")?;
    let agent = Agent { device, os: columns.take()?, browser: columns.take()? };
    let (language, referrer) = (columns.take()?, columns.take()?);
    let utm = Utm {
        source: columns.take()?,
        medium: columns.take()?,
        campaign: columns.take()?,
        term: columns.take()?,
        content: columns.take()?,
    };
    let click = Click {
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
        source: columns.word("a source")?,
        bot: columns.word_or_none("a bot reason")?,
        visitor: VisitorHash(columns.take()?),
        address: columns.word_or_none::<IpAddr>("an address")?,
    };
    Ok(JournalClick { offset, click })
}

fn tags(bytes: &[u8]) -> SqlResult<Vec<TagId>> {
    let (tags, rest) = bytes.as_chunks::<16>();
    if rest.is_empty() {
        Ok(tags.iter().map(|tag| TagId(Uuid::from_bytes(*tag))).collect())
    } else {
        Err::<_, Fault>(broken("the tags of a click"))
    }
}
