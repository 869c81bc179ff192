//! One click as exports show it.

use hopline_domain::{
    click::{BotReason, ClickSource, Country, Device, JournalClick},
    id::{ClickId, LinkId, TagId},
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

/// In the order of the CSV's columns.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Click)]
pub(super) struct ClickBody {
    #[schema(value_type = String)]
    id: ClickId,
    #[schema(value_type = String)]
    time: Timestamp,
    #[schema(value_type = String)]
    link: LinkId,
    domain: String,
    /// As the link had them then.
    #[schema(value_type = Vec<String>)]
    tags: Vec<TagId>,
    /// Place of the rule that chose the destination, from 0.
    rule: Option<u16>,
    #[schema(value_type = Option<String>)]
    country: Option<Country>,
    region: Option<String>,
    city: Option<String>,
    #[schema(value_type = String)]
    device: Device,
    os: Option<String>,
    browser: Option<String>,
    language: Option<String>,
    referrer: Option<String>,
    utm_source: Option<String>,
    utm_medium: Option<String>,
    utm_campaign: Option<String>,
    utm_term: Option<String>,
    utm_content: Option<String>,
    #[schema(value_type = String)]
    source: ClickSource,
    /// `null` for people.
    #[schema(value_type = Option<String>)]
    bot: Option<BotReason>,
    /// Equal for one visitor on one UTC day.
    visitor: String,
    /// Only when the operator keeps addresses.
    address: Option<String>,
}

pub(super) const CSV_COLUMNS: &str = "id,time,link,domain,tags,rule,country,region,city,device,os,browser,language,\
     referrer,utm_source,utm_medium,utm_campaign,utm_term,utm_content,source,bot,visitor,address\r\n";

impl ClickBody {
    pub(super) fn of(read: JournalClick) -> Self {
        let (id, click) = (read.id(), read.click);
        Self {
            id,
            time: click.at,
            link: click.link_id,
            domain: click.domain,
            tags: click.tags,
            rule: click.rule,
            country: click.place.country,
            region: click.place.region,
            city: click.place.city,
            device: click.agent.device,
            os: click.agent.os,
            browser: click.agent.browser,
            language: click.language,
            referrer: click.referrer,
            utm_source: click.utm.source,
            utm_medium: click.utm.medium,
            utm_campaign: click.utm.campaign,
            utm_term: click.utm.term,
            utm_content: click.utm.content,
            source: click.source,
            bot: click.bot,
            visitor: click.visitor.to_string(),
            address: click.address.map(|address| address.to_string()),
        }
    }

    /// A line of RFC 4180; tags are separated by spaces.
    pub(super) fn csv(&self, out: &mut String) {
        let tags: Vec<_> = self.tags.iter().map(ToString::to_string).collect();
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        let fields = [
            self.id.to_string(),
            self.time.to_string(),
            self.link.to_string(),
            self.domain.clone(),
            tags.join(" "),
            self.rule.map(|rule| rule.to_string()).unwrap_or_default(),
            self.country.map(|country| country.to_string()).unwrap_or_default(),
            known(&self.region),
            known(&self.city),
            self.device.as_str().to_owned(),
            known(&self.os),
            known(&self.browser),
            known(&self.language),
            known(&self.referrer),
            known(&self.utm_source),
            known(&self.utm_medium),
            known(&self.utm_campaign),
            known(&self.utm_term),
            known(&self.utm_content),
            self.source.as_str().to_owned(),
            self.bot.map(|bot| bot.as_str().to_owned()).unwrap_or_default(),
            self.visitor.clone(),
            known(&self.address),
        ];
        for (place, field) in fields.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            quote(field, out);
        }
        out.push_str("\r\n");
    }
}

/// Texts come from visitors: what a spreadsheet would take for a formula gets an apostrophe in front.
fn quote(field: &str, out: &mut String) {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !is_formula && !field.contains(['"', ',', '\r', '\n']) {
        out.push_str(field);
        return;
    }
    out.push('"');
    if is_formula {
        out.push('\'');
    }
    out.push_str(&field.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_formulas_disarmed() {
        let quoted = |field: &str| {
            let mut out = String::new();
            quote(field, &mut out);
            out
        };
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
    }
}
