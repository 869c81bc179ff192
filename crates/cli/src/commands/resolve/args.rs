//! What may be said on the command line of `hopline resolve`.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use clap::Args;
use hopline_domain::{
    job::BrowserUse,
    profile::{FormFactor, Profile},
};

use super::{
    sink::Format,
    viewpoint::{self, Viewpoint},
};
use crate::config::{NetworkSection, PolitenessSection, Sources};

const CONCURRENCY_DEFAULT: u16 = 16;
const CONCURRENCY_MAX: i64 = 1_024;

/// Follow links and show how they get where they end
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 if every link ended well, 1 if any failed or is invalid, 2 for wrong usage."
)]
pub(crate) struct ResolveArgs {
    #[command(flatten)]
    pub(super) links: LinkArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) view: ViewArgs,
    #[command(flatten)]
    pub(super) means: MeansArgs,
    /// Links followed at once
    #[arg(long, value_name = "N", help_heading = "Pace", default_value_t = CONCURRENCY_DEFAULT,
          value_parser = clap::value_parser!(u16).range(1..=CONCURRENCY_MAX))]
    pub(super) concurrency: u16,
    #[command(flatten, next_help_heading = "Pace")]
    pub(super) politeness: PolitenessSection,
    #[command(flatten, next_help_heading = "Network")]
    pub(super) network: NetworkSection,
    #[command(flatten, next_help_heading = "Settings")]
    pub(super) sources: Sources,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Links")]
pub(super) struct LinkArgs {
    /// Links to follow
    #[arg(value_name = "URL", required_unless_present = "file")]
    pub(super) urls: Vec<String>,
    /// File of links, one a line, or a CSV; `-` is stdin
    #[arg(short, long, value_name = "FILE", conflicts_with = "urls")]
    pub(super) file: Option<PathBuf>,
    /// CSV column that holds the link; `url`, `tracking_url` and `link` are found by themselves
    #[arg(long, value_name = "NAME", requires = "file")]
    pub(super) column: Option<String>,
    /// Domain the links should end on; a CSV may say it per row in a column of this name
    #[arg(long, value_name = "DOMAIN")]
    pub(super) expected_domain: Option<String>,
    /// Earlier results of --json: tells what has drifted since
    #[arg(long, value_name = "FILE")]
    pub(super) since: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// One chain document a line
    #[arg(long, conflicts_with_all = ["csv", "har"])]
    json: bool,
    /// One row a link
    #[arg(long, conflicts_with = "har")]
    csv: bool,
    /// One HAR 1.2 archive
    #[arg(long)]
    har: bool,
    /// Columns of the CSV: fields of the result, or columns of the input
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(super) columns: Vec<String>,
    /// Write to a file; its ending chooses the format
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Go on where an interrupted run has left the output file
    #[arg(long, requires = "output")]
    pub(super) resume: bool,
}

impl OutputArgs {
    /// `links` are many when they come from a file.
    pub(super) fn format(&self, links: &LinkArgs) -> Result<Format> {
        let format = match (self, &self.output, &links.file) {
            (Self { json: true, .. }, ..) => Format::Json,
            (Self { csv: true, .. }, ..) => Format::Csv,
            (Self { har: true, .. }, ..) => Format::Har,
            (_, Some(path), _) => Format::of_ending(path)?,
            (_, None, Some(_)) => Format::Lines,
            (_, None, None) => Format::Blocks,
        };
        ensure!(self.columns.is_empty() || format == Format::Csv, "use --columns with --csv");
        Ok(format)
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Point of view")]
pub(super) struct ViewArgs {
    /// Ask as a desktop or a mobile browser, or with a profile of the settings file
    #[arg(long, value_name = "NAME", default_value = "desktop", conflicts_with = "profiles")]
    profile: String,
    /// Ask with several profiles and show where the chains part
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    profiles: Vec<String>,
    /// User agent to send instead of the profile's
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
    /// Languages to ask for instead of the profile's
    #[arg(long, value_name = "TEXT")]
    accept_language: Option<String>,
    /// Page to have come from
    #[arg(long, value_name = "URL")]
    referer: Option<String>,
    /// Further request header, at most 20
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Proxy of the settings file to go through
    #[arg(long, value_name = "NAME")]
    egress: Option<String>,
}

impl ViewArgs {
    /// The points of view asked for, of the `known` ones, with what the flags say laid over each.
    pub(super) fn viewpoints(&self, known: &[Viewpoint], egresses: &[String]) -> Result<Vec<Viewpoint>> {
        let one = std::slice::from_ref(&self.profile);
        let mut chosen =
            viewpoint::chosen(if self.profiles.is_empty() { one } else { &self.profiles }, known)?;
        for Viewpoint { name, profile } in &mut chosen {
            self.lay_over(profile)?;
            if let Some((pointer, fault)) = profile.faults(egresses).first() {
                bail!("use profile {name}: {} {fault}", pointer.trim_start_matches('/'));
            }
        }
        Ok(chosen)
    }

    fn lay_over(&self, profile: &mut Profile) -> Result<()> {
        let replace = |value: &mut Option<String>, said: &Option<String>| {
            if said.is_some() {
                value.clone_from(said);
            }
        };
        replace(&mut profile.user_agent, &self.user_agent);
        replace(&mut profile.accept_language, &self.accept_language);
        replace(&mut profile.referer, &self.referer);
        replace(&mut profile.egress, &self.egress);
        for header in &self.headers {
            let Some((name, value)) = header.split_once(':') else {
                bail!("use --header {header:?}: write it as \"Name: value\"");
            };
            profile.headers.insert(name.trim().to_owned(), value.trim().to_owned());
        }
        Ok(())
    }
}

/// The profiles that are always there.
pub(super) fn presets() -> Vec<Viewpoint> {
    let preset = |form_factor: FormFactor| Viewpoint {
        name: <&str>::from(form_factor).to_owned(),
        profile: Profile { form_factor, ..Profile::default() },
    };
    vec![preset(FormFactor::Desktop), preset(FormFactor::Mobile)]
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Means")]
pub(super) struct MeansArgs {
    /// Only decode what the links say by themselves; nothing is asked of the network
    #[arg(long, conflicts_with_all = ["screenshot", "browser"])]
    pub(super) offline: bool,
    /// Whether a browser may be used: auto, never or always
    #[arg(long, value_name = "auto|never|always", default_value = "auto", value_parser = browser)]
    pub(super) browser: BrowserUse,
    /// Folder for a picture (PNG) of each last page; needs a browser
    #[arg(long, value_name = "DIR")]
    pub(super) screenshot: Option<PathBuf>,
}

fn browser(text: &str) -> Result<BrowserUse, String> {
    text.parse().map_err(|_| "choose auto, never or always".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        resolve: ResolveArgs,
    }

    fn parsed(arguments: &[&str]) -> ResolveArgs {
        Line::try_parse_from([&["resolve"], arguments].concat()).map(|line| line.resolve).unwrap()
    }

    fn viewpoints(arguments: &[&str]) -> Result<Vec<Viewpoint>> {
        parsed(arguments).view.viewpoints(&presets(), &["home".to_owned()])
    }

    #[test]
    fn flags_are_laid_over_every_profile() {
        let views = viewpoints(&[
            "http://a.test",
            "--profiles",
            "mobile,desktop",
            "--header",
            "X-A: b: c",
            "--egress",
            "home",
        ]);
        let views = views.unwrap();
        assert_eq!(views.len(), 2);
        assert_eq!(views[0].profile.form_factor, FormFactor::Mobile);
        assert!(views.iter().all(|view| view.profile.headers["X-A"] == "b: c"));
        assert!(views.iter().all(|view| view.profile.egress.as_deref() == Some("home")));
    }

    #[test]
    fn faults_name_the_profile() {
        let fault = |arguments: &[&str]| viewpoints(arguments).unwrap_err().to_string();
        assert!(fault(&["x", "--header", "Cookie: a=b"]).starts_with("use profile desktop: headers/Cookie "));
        assert!(fault(&["x", "--egress", "moon"]).starts_with("use profile desktop: egress "));
        assert_eq!(
            fault(&["x", "--header", "nothing"]),
            "use --header \"nothing\": write it as \"Name: value\""
        );
    }

    #[test]
    fn the_output_file_chooses_the_format() {
        let format = |arguments: &[&str]| {
            let args = parsed(arguments);
            args.output.format(&args.links)
        };
        assert_eq!(format(&["x"]).unwrap(), Format::Blocks);
        assert_eq!(format(&["-f", "x"]).unwrap(), Format::Lines);
        assert_eq!(format(&["x", "-o", "y.csv"]).unwrap(), Format::Csv);
        assert_eq!(format(&["x", "-o", "y.csv", "--json"]).unwrap(), Format::Json);
        assert!(format(&["x", "-o", "y"]).is_err());
        assert!(format(&["x", "--json", "--columns", "url"]).is_err());
        assert!(Line::try_parse_from(["resolve", "x", "--resume"]).is_err());
        assert!(Line::try_parse_from(["resolve", "x", "--offline", "--browser", "always"]).is_err());
    }
}
