//! Cases of `ClickStore`: whatever is asked of folded clicks agrees with counting them one by one.

use std::collections::BTreeMap;

use hopline_domain::{
    click::{
        Agent, BotReason, Click, ClickSource, Country, Device, JournalBatch, JournalClick, JournalOffset,
        Place, Utm, VisitorHash,
        analytics::{
            Analysed, AnswerSource, Bots, Dimension, DimensionValue, Filter, Group, Interval, Metric,
            Question, Span, Zone,
        },
    },
    id::{LinkId, TagId, WorkspaceId},
    store::*,
    time::{DAY_MS, HOUR_MS, Timestamp},
};
use uuid::Uuid;

use crate::fixtures::{NOW, World, audit};

/// Midnight before [`NOW`].
const START: Timestamp = Timestamp(NOW.0 - NOW.0 % DAY_MS);
const DAYS: i64 = 3;

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.roll(items.len() as u64)).unwrap()]
    }

    fn word(&mut self, words: &[&str]) -> Option<String> {
        Some(self.pick(words)).filter(|word| !word.is_empty()).map(str::to_owned)
    }
}

fn link(number: u64) -> LinkId {
    LinkId(Uuid::from_u128(0x1111_0000 + u128::from(number)))
}

fn other_workspace() -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(77))
}

/// Spread as evenly as a real hash.
fn visitor(number: u64) -> VisitorHash {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mut hash = [0; 16];
    hash[..8].copy_from_slice(&(mixed ^ (mixed >> 31)).to_be_bytes());
    VisitorHash(hash)
}

pub(crate) fn plain(workspace_id: WorkspaceId, number: u64, at: Timestamp) -> Click {
    Click {
        at,
        workspace_id,
        link_id: link(number),
        domain: "go.example".to_owned(),
        tags: Vec::new(),
        rule: None,
        place: Place::default(),
        agent: Agent::default(),
        language: None,
        referrer: None,
        utm: Utm::default(),
        source: ClickSource::Link,
        bot: None,
        visitor: visitor(number),
        address: None,
    }
}

fn random(dice: &mut Dice, workspace_id: WorkspaceId) -> Click {
    let at = START.plus_ms(i64::try_from(dice.roll(u64::try_from(DAYS * DAY_MS).unwrap())).unwrap());
    let country: Option<Country> = dice.word(&["DE", "DE", "US", "BR", ""]).map(|code| code.parse().unwrap());
    let tags = (0..dice.roll(3)).map(|tag| TagId(Uuid::from_u128(u128::from(tag)))).collect();
    let day = u64::try_from(at.utc_day()).unwrap();
    Click {
        domain: dice.word(&["go.example", "s.example"]).unwrap(),
        tags,
        rule: (dice.roll(2) == 0).then_some(1),
        place: Place { country, region: None, city: dice.word(&["Berlin", "Rio", ""]) },
        agent: Agent {
            device: dice.pick(&[Device::Desktop, Device::Mobile]),
            os: dice.word(&["iOS", "Android", ""]),
            browser: dice.word(&["Safari", "Chrome"]),
        },
        language: dice.word(&["de", "en", ""]),
        referrer: dice.word(&["news.example", "mail.example", "", ""]),
        utm: Utm { source: dice.word(&["news", "poster", ""]), ..Utm::default() },
        source: dice.pick(&[ClickSource::Link, ClickSource::Qr]),
        bot: dice.pick(&[None, None, None, Some(BotReason::Head), Some(BotReason::Crawler)]),
        visitor: visitor(day * 1_000 + dice.roll(60)),
        ..plain(workspace_id, dice.roll(4), at)
    }
}

/// Clicks as the journal would give them: 100 bytes each, from `start` on.
fn batch(start: u64, clicks: &[Click]) -> JournalBatch {
    let placed = clicks.iter().zip((start..).step_by(100));
    let clicks: Vec<_> = placed
        .map(|(click, place)| JournalClick { offset: JournalOffset(place), click: click.clone() })
        .collect();
    let next = JournalOffset(start + 100 * clicks.len() as u64);
    JournalBatch { clicks, next }
}

async fn fold(world: &World, clicks: &[Click]) -> Folded {
    let start = world.store.click_folded_until().await.unwrap();
    world.store.click_fold(batch(start.0, clicks)).await.unwrap()
}

fn question(group: Group) -> Question {
    Question {
        metric: Metric::Clicks,
        group,
        interval: (group == Group::Time).then_some(Interval::Day),
        zone: Zone::utc(),
        span: Span { from: START, until: START.plus_ms(DAYS * DAY_MS) },
        filters: Vec::new(),
        bots: Bots::Exclude,
    }
}

fn filter(dimension: Dimension, values: &[&str], negated: bool) -> Filter {
    Filter { dimension, values: values.iter().map(|value| (*value).to_owned()).collect(), negated }
}

type Counts = BTreeMap<(Option<Timestamp>, Option<DimensionValue>), u64>;

/// The plain-map model: every click is looked at.
fn count(clicks: &[Click], workspace_id: WorkspaceId, question: &Question) -> Counts {
    let mut counts: BTreeMap<_, Vec<VisitorHash>> = BTreeMap::new();
    for click in clicks.iter().filter(|click| click.workspace_id == workspace_id) {
        let inside = question.span.from <= click.at && click.at < question.span.until;
        let wanted = click.bot.is_none() || question.bots == Bots::Include;
        let passes = question.filters.iter().all(|filter| {
            let values = filter.dimension.values_of(click);
            values.iter().any(|value| filter.values.contains(value)) != filter.negated
        });
        if !(inside && wanted && passes) {
            continue;
        }
        let time = question.interval.map(|interval| interval.start_of(click.at, &question.zone));
        let values = match question.group {
            Group::Time => vec![None],
            Group::By(dimension) => {
                let known = dimension.values_of(click).into_iter().map(DimensionValue::Known);
                let mut values: Vec<_> = known.map(Some).collect();
                if values.is_empty() {
                    values.push(Some(DimensionValue::Unknown));
                }
                values
            }
        };
        for value in values {
            counts.entry((time, value)).or_default().push(click.visitor);
        }
    }
    let counted = |mut visitors: Vec<VisitorHash>| {
        if question.metric == Metric::Visitors {
            visitors.sort_unstable();
            visitors.dedup();
        }
        visitors.len() as u64
    };
    counts.into_iter().map(|(bucket, visitors)| (bucket, counted(visitors))).collect()
}

async fn ask(world: &World, question: &Question) -> (Counts, AnswerSource) {
    let answer = world.store.click_analyse(world.caller.workspace_id, question.clone()).await.unwrap();
    let Analysed::Answer { rows, total, source } = answer else { panic!("{answer:?} to {question:?}") };
    assert_eq!(total, rows.iter().map(|row| row.count).sum::<u64>());
    (rows.into_iter().map(|row| ((row.time, row.value), row.count)).collect(), source)
}

/// Hundreds of clicks of two workspaces, folded in pieces.
async fn folded(world: &World) -> Vec<Click> {
    let mut dice = Dice(42);
    let clicks: Vec<_> = (0..250)
        .map(|number| {
            let ours = number % 5 > 0;
            let workspace_id = if ours { world.caller.workspace_id } else { other_workspace() };
            let click = random(&mut dice, workspace_id);
            let link_id = if ours { click.link_id } else { link(90) };
            Click { link_id, ..click }
        })
        .collect();
    for piece in clicks.chunks(40) {
        fold(world, piece).await;
    }
    clicks
}

fn questions() -> Vec<Question> {
    let groups = std::iter::once(Group::Time).chain(Dimension::all().map(Group::By));
    let mut questions = Vec::new();
    for group in groups {
        let base = question(group);
        let by_hour = Question { interval: Some(Interval::Hour), ..base.clone() };
        let berlin = Question {
            interval: Some(Interval::Day),
            zone: Zone::named("Europe/Berlin").unwrap(),
            ..base.clone()
        };
        let with_bots = Question { bots: Bots::Include, interval: Some(Interval::Week), ..base.clone() };
        let part = Question {
            span: Span { from: START.plus_ms(HOUR_MS + 5), until: START.plus_ms(DAY_MS + 7) },
            ..base.clone()
        };
        for asked in [base, by_hour, berlin, with_bots, part] {
            for filters in [
                vec![],
                vec![filter(Dimension::Country, &["DE", "BR"], false)],
                vec![filter(Dimension::Country, &["US"], true), filter(Dimension::Os, &["iOS"], false)],
                vec![filter(Dimension::Referrer, &["news.example"], true)],
                vec![filter(Dimension::Tag, &[&TagId(Uuid::from_u128(0)).to_string()], false)],
                vec![filter(Dimension::Link, &[&link(1).to_string(), &link(2).to_string()], false)],
                vec![
                    filter(Dimension::Link, &[&link(1).to_string(), &link(90).to_string()], false),
                    filter(Dimension::Device, &["mobile"], false),
                ],
                vec![filter(Dimension::Link, &[&link(1).to_string()], true)],
            ] {
                questions.push(Question { filters, ..asked.clone() });
            }
        }
    }
    questions
}

pub(crate) async fn a_batch_is_folded_once_and_in_order(world: World) {
    let workspace = world.caller.workspace_id;
    let clicks: Vec<_> = (0..6).map(|number| plain(workspace, number, START.plus_ms(5))).collect();
    let whole = batch(28, &clicks[..4]);
    let first = world.store.click_fold(whole.clone()).await.unwrap();
    assert_eq!(first, Folded { until: whole.next, clicks: 4 });
    let again = world.store.click_fold(whole.clone()).await.unwrap();
    assert_eq!(again, Folded { until: whole.next, clicks: 0 });
    let overlapping = world.store.click_fold(batch(28, &clicks)).await.unwrap();
    assert_eq!(overlapping.clicks, 2);
    assert_eq!(world.store.click_folded_until().await.unwrap(), overlapping.until);
    let read = world.store.click_read(JournalOffset(128), 3).await.unwrap();
    assert_eq!(read, batch(28, &clicks).clicks[1..4]);
    let rest = world.store.click_read(JournalOffset(read[2].offset.0 + 1), 100).await.unwrap();
    assert_eq!(rest, batch(28, &clicks).clicks[4..]);
}

pub(crate) async fn questions_agree_with_a_plain_map(world: World) {
    let clicks = folded(&world).await;
    let mut sources = BTreeMap::new();
    for question in questions() {
        let (counts, source) = ask(&world, &question).await;
        assert_eq!(counts, count(&clicks, world.caller.workspace_id, &question), "{question:?}");
        *sources.entry(<&str>::from(source)).or_insert(0) += 1;
    }
    assert!(sources["rollup"] > 100 && sources["raw"] > 100, "{sources:?}");
}

pub(crate) async fn a_days_long_tail_is_other(world: World) {
    let workspace = world.caller.workspace_id;
    let click = |number: u64| Click {
        referrer: Some(format!("site{number}.example")),
        ..plain(workspace, 1, START.plus_ms(1))
    };
    let clicks: Vec<_> = (0..1_300).map(click).collect();
    fold(&world, &clicks[..700]).await;
    fold(&world, &clicks[700..]).await;
    // One that is known is counted as itself, a new one among the rest.
    fold(&world, &[click(0), click(5_000)]).await;
    let (counts, source) = ask(&world, &question(Group::By(Dimension::Referrer))).await;
    assert_eq!((counts.len(), source), (1_001, AnswerSource::Rollup));
    assert_eq!(counts[&(None, Some(DimensionValue::Other))], 301);
    assert_eq!(counts[&(None, Some(DimensionValue::Known("site0.example".to_owned())))], 2);
    assert_eq!(counts.values().sum::<u64>(), 1_302);
}

pub(crate) async fn visitors_are_daily_uniques(world: World) {
    let clicks = folded(&world).await;
    let workspace = world.caller.workspace_id;
    for group in [Group::Time, Group::By(Dimension::Country), Group::By(Dimension::Link)] {
        for filters in
            [vec![], vec![filter(Dimension::Link, &[&link(1).to_string(), &link(2).to_string()], false)]]
        {
            for bots in [Bots::Exclude, Bots::Include] {
                let asked =
                    Question { metric: Metric::Visitors, bots, filters: filters.clone(), ..question(group) };
                let (counts, source) = ask(&world, &asked).await;
                let expected = count(&clicks, workspace, &asked);
                assert_eq!(counts.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
                let close = |(found, truth): (&u64, &u64)| found.abs_diff(*truth) <= 1 + truth / 50;
                assert!(counts.values().zip(expected.values()).all(close), "{counts:?} {expected:?}");
                let by_country = group == Group::By(Dimension::Country);
                let raw = by_country || (group != Group::Time && filters.is_empty());
                assert_eq!(source == AnswerSource::Raw, raw, "{asked:?}");
            }
        }
    }
}

pub(crate) async fn links_have_numbers(world: World) {
    let workspace = world.caller.workspace_id;
    let person = plain(workspace, 1, START.plus_ms(500));
    let later = Click { at: START.plus_ms(900), ..person.clone() };
    let bot = Click { bot: Some(BotReason::Head), at: START.plus_ms(5_000), ..person.clone() };
    fold(&world, &[later, person, plain(workspace, 2, START)]).await;
    // Alone in its batch: it is nobody's last click, and takes none away.
    fold(&world, &[bot]).await;
    let counts = world.store.link_counts(vec![link(2), link(9), link(1)]).await.unwrap();
    let last_clicked_at = Some(START.plus_ms(900));
    assert_eq!(counts[2], LinkCount { humans: 2, bots: 1, spent: 2, last_clicked_at });
    assert_eq!(counts[1], LinkCount::default());
    assert_eq!((counts[0].humans, counts[0].last_clicked_at), (1, Some(START)));
}

pub(crate) async fn exports_come_in_pieces_and_only_to_their_workspace(world: World) {
    let clicks = folded(&world).await;
    let span = Span { from: START.plus_ms(HOUR_MS), until: START.plus_ms(2 * DAY_MS) };
    for (workspace_id, link_id) in [
        (world.caller.workspace_id, None),
        (world.caller.workspace_id, Some(link(2))),
        (world.caller.workspace_id, Some(link(90))),
        (other_workspace(), None),
    ] {
        let filter = ClickFilter { link_id, span };
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let piece = world.store.click_list(workspace_id, filter, after, 111).await.unwrap();
            let Some(last) = piece.last() else { break };
            after = Some((last.click.at, last.offset));
            read.extend(piece.into_iter().map(|read| read.click));
        }
        let mut expected: Vec<_> = clicks
            .iter()
            .filter(|click| {
                click.workspace_id == workspace_id && link_id.is_none_or(|id| id == click.link_id)
            })
            .filter(|click| span.from <= click.at && click.at < span.until)
            .cloned()
            .collect();
        expected.sort_by_key(|click| click.at);
        assert_eq!(read, expected);
    }
}

pub(crate) async fn deleting_a_links_clicks_leaves_the_others(world: World) {
    let mut clicks = folded(&world).await;
    let workspace = world.caller.workspace_id;
    let gone = clicks.iter().filter(|click| click.link_id == link(1)).count() as u64;
    let folded_until = world.store.click_folded_until().await.unwrap();
    // One more is in the journal and not folded yet.
    let until = JournalOffset(folded_until.0 + 100);
    let deletion = |link_id| ClickDeletion { link_id, until, audit: audit("clicks.delete") };
    assert_eq!(world.store.click_delete(world.caller, deletion(link(90)), NOW).await.unwrap(), 0);
    assert_eq!(world.store.click_delete(world.caller, deletion(link(1)), NOW).await.unwrap(), gone);
    let late = plain(workspace, 1, START);
    let new = Click { at: START.plus_ms(9), ..late.clone() };
    assert_eq!(fold(&world, &[late, new.clone()]).await.clicks, 1);
    clicks.retain(|click| click.link_id != link(1));
    clicks.push(new);
    for question in questions().into_iter().step_by(3) {
        let (counts, _) = ask(&world, &question).await;
        assert_eq!(counts, count(&clicks, workspace, &question), "{question:?}");
    }
    let counts = world.store.link_counts(vec![link(1), link(90)]).await.unwrap();
    assert_eq!((counts[0].humans, counts[0].bots), (1, 0));
    assert!(counts[0].spent > 1, "limits still count what was deleted: {counts:?}");
    assert!(counts[1].humans > 0, "another workspace's clicks stay");
}

pub(crate) async fn retention_removes_raw_clicks_and_keeps_rollups(world: World) {
    let clicks = folded(&world).await;
    let before = START.plus_ms(DAY_MS);
    let old = clicks.iter().filter(|click| click.at < before).count();
    let mut removed = 0;
    loop {
        let swept = world.store.click_sweep(before, 100).await.unwrap();
        assert!(swept <= 100);
        removed += swept;
        if swept == 0 {
            break;
        }
    }
    assert_eq!(removed as usize, old);
    let workspace = world.caller.workspace_id;
    let by_country = question(Group::By(Dimension::Country));
    assert_eq!(ask(&world, &by_country).await.0, count(&clicks, workspace, &by_country));
    let left = world.store.click_read(JournalOffset(0), 10_000).await.unwrap();
    assert_eq!(left.len(), clicks.len() - old);
}
