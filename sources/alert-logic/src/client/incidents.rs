//! Incidents of a stretch of time, asked for in windows that Alert Logic accepts, page by page.

use std::collections::BTreeMap;

use auditor_core::error::SourceError;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Api, calls, status};
use crate::item::Item;

/// Incidents of one page.
const PAGE: usize = 100;
/// Windows are not halved further than this.
const SHORTEST: TimeDelta = TimeDelta::hours(1);
/// What is asked for. Descriptions, payloads, attackers and victims are personal data that nothing here needs.
const FIELDS: &str = "accountId,incidentId,humanFriendlyId,createTime,updateTime,asset_deployment_type,\
asset_native_account_id,assets.al__deployment,incident.summary,incident.threatRating,incident.attackClassId_str,\
incident.escalated,incident_type,incident_class,incident_attack_class,incident_threat_rating,incident_escalated,\
customer_status,snooze_status,detection_source,closed_time";

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
}

impl Window {
    /// The windows that make up the time before `end`, oldest first, none longer than `longest`.
    pub(crate) fn before(end: DateTime<Utc>, whole: TimeDelta, longest: TimeDelta) -> Vec<Self> {
        let mut windows = Vec::new();
        let first = end - whole;
        let mut end = end;
        while end > first {
            let start = (end - longest).max(first);
            windows.push(Self { start, end });
            end = start;
        }
        windows.reverse();
        windows
    }

    /// Both halves, or `None` if they would be too short to be worth asking for.
    fn halves(self) -> Option<[Self; 2]> {
        let half = (self.end - self.start) / 2;
        let middle = self.start + half;
        (half >= SHORTEST).then_some([Self { end: middle, ..self }, Self { start: middle, ..self }])
    }
}

impl Api<'_> {
    /// Every incident of the windows, by id.
    ///
    /// # Errors
    /// Beside those of every call: [`Malformed`](SourceError::Malformed) if the pages do not come to an end, or end
    /// before the number of incidents that they announced.
    pub(crate) async fn incidents(&self, windows: Vec<Window>) -> Result<Incidents, SourceError> {
        let mut found = Incidents::default();
        // The next window lies on top.
        let mut waiting: Vec<_> = windows.into_iter().rev().collect();
        while let Some(window) = waiting.pop() {
            match self.incidents_of(window, &mut found).await {
                Err(error) if status(&error).is_some_and(|status| status.as_u16() == 400) => {
                    let Some([first, second]) = window.halves() else { return Err(error) };
                    waiting.extend([second, first]);
                }
                result => result?,
            }
        }
        self.believe(calls::INCIDENTS, found.by_id.is_empty()).await?;
        Ok(found)
    }

    async fn incidents_of(&self, window: Window, found: &mut Incidents) -> Result<(), SourceError> {
        let malformed = |what: String| SourceError::malformed(calls::INCIDENTS, what);
        let (start, end) = (window.start.timestamp().to_string(), window.end.timestamp().to_string());
        let limit = PAGE.to_string();
        let mut rows: usize = 0;
        loop {
            let offset = rows.to_string();
            let query = [
                ("start_time", start.as_str()),
                ("end_time", end.as_str()),
                ("pagination", "true"),
                ("limit", &limit),
                ("offset", &offset),
                ("return_value", FIELDS),
            ];
            let reply = self.get(calls::INCIDENTS, &[], &query).await?;
            let (page, total) = match reply {
                // Without paging, the list comes bare and whole.
                Value::Array(all) => {
                    let total = all.len();
                    (all, Some(total))
                }
                Value::Object(mut map) => {
                    let total = map.get("metadata").and_then(|metadata| Item(metadata).int("total_count"));
                    match map.remove("iris_items") {
                        Some(Value::Array(page)) => {
                            (page, total.and_then(|total| usize::try_from(total).ok()))
                        }
                        _ => return Err(malformed("the reply holds no list `iris_items`".to_owned())),
                    }
                }
                _ => return Err(malformed("the reply holds no list".to_owned())),
            };
            let read = page.len();
            rows += read;
            let new = found.keep(page);
            let more = match total {
                Some(total) if read == 0 && total > rows => {
                    return Err(malformed(format!("the listing ended after {rows} of {total} incidents")));
                }
                Some(total) => rows < total,
                None => read >= PAGE,
            };
            if !more {
                return Ok(());
            }
            if new == 0 {
                return Err(malformed("the pages do not come to an end: one brought nothing new".to_owned()));
            }
        }
    }
}

/// Incidents as they were read. At the edges of windows, and where the list grows while it is read, one may come twice.
#[derive(Debug, Default)]
pub(crate) struct Incidents {
    pub(crate) by_id: BTreeMap<String, Value>,
    /// Incidents that came without an id.
    pub(crate) nameless: usize,
}

impl Incidents {
    /// Keeps a page; returns how many were not known.
    fn keep(&mut self, page: Vec<Value>) -> usize {
        let mut new = 0;
        for incident in page {
            match Item(&incident).id("incidentId") {
                Some(id) => new += usize::from(self.by_id.insert(id, incident).is_none()),
                None => self.nameless += 1,
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_time_without_gaps() {
        let end: DateTime<Utc> = "2026-09-30T12:00:00Z".parse().unwrap();
        let windows = Window::before(end, TimeDelta::days(30), TimeDelta::days(7));
        assert_eq!(windows.len(), 5);
        assert_eq!((windows[0].start, windows[4].end), (end - TimeDelta::days(30), end));
        assert!(windows.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(windows.iter().all(|window| window.end - window.start <= TimeDelta::days(7)));
    }

    #[test]
    fn halving_ends() {
        let end: DateTime<Utc> = "2026-09-30T12:00:00Z".parse().unwrap();
        let mut window = Window { start: end - TimeDelta::days(7), end };
        let mut halvings = 0;
        while let Some([first, second]) = window.halves() {
            assert_eq!((first.start, first.end, second.end), (window.start, second.start, window.end));
            window = second;
            halvings += 1;
        }
        assert_eq!(halvings, 7);
    }
}
