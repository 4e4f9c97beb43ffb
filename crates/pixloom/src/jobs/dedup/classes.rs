//! Many units of one code, most of them one picture over and over or flat ones: comparing each with
//! each would take the square of their number.
use pixloom_engine::RunError;
use pixloom_match::{Class, Features, Verdict, verify};

use super::links::{Link, Matcher, ROUND, Tally, different};
use super::memo::Recorded;

/// What came of the units of one class.
#[derive(Default)]
struct Led {
    links: Vec<Link>,
    tally: Tally,
    /// Pairs that a network may still bring together.
    open: Vec<(u32, u32)>,
}

/// Units that are copies of none before them.
type Leaders = Vec<(u32, Features)>;

impl Matcher<'_> {
    /// Each unit is compared with the leaders of its class, and becomes one where it is a copy of
    /// none. Where only pairs across two sets count, each is compared with the leaders of the other
    /// set.
    ///
    /// # Errors
    /// `Cancelled` on request.
    pub(super) fn verify_classes(
        &self,
        classes: &[Vec<u32>],
        recorded: &mut Recorded,
    ) -> Result<(), RunError> {
        let found = self.engine.fan_out(classes.len(), &|| (), &|at, ()| {
            let mut led = Led::default();
            if self.across {
                let of = |side: usize| {
                    let units = classes[at].iter().copied();
                    units.filter(|unit| self.sets(&[*unit])[side]).collect::<Vec<u32>>()
                };
                let sides = [of(0), of(1)];
                for (units, others) in [(&sides[0], &sides[1]), (&sides[1], &sides[0])] {
                    self.follow(units, &mut self.leaders(others), &mut led);
                }
            } else {
                self.follow(&classes[at], &mut Leaders::new(), &mut led);
            }
            led
        });
        for led in found {
            recorded.tally.add(&led.tally);
            recorded.links.extend(led.links);
            for round in led.open.chunks(ROUND) {
                recorded.links.extend(self.looked_at(round)?);
            }
        }
        Ok(())
    }

    /// Units of one set that are copies of none of it before them.
    fn leaders(&self, units: &[u32]) -> Leaders {
        let mut leaders = Leaders::new();
        for unit in units {
            let Some(features) = self.features(*unit) else { continue };
            let is_led = leaders.iter().any(|(leader, other)| {
                self.compared([(*leader, other), (*unit, &features)]).class.is_duplicate()
            });
            if !is_led {
                leaders.push((*unit, features));
            }
        }
        leaders
    }

    /// Compares units with leaders, up to the first that each is a copy of. Where all count, what
    /// is a copy of none leads those that follow.
    fn follow(&self, units: &[u32], leaders: &mut Leaders, led: &mut Led) {
        for unit in units {
            let Some(features) = self.features(*unit) else { continue };
            let mut is_led = false;
            for (leader, other) in leaders.iter().filter(|(leader, _)| leader != unit) {
                let mut pair = [(*leader, other), (*unit, &features)];
                pair.sort_by_key(|(unit, _)| *unit);
                let [(a, _), (b, _)] = pair;
                let verdict = self.compared(pair);
                led.tally.take(&verdict);
                is_led = verdict.class.is_duplicate();
                if self.seen.is_some_and(|seen| seen.may_look(&verdict)) {
                    led.open.push((a, b));
                }
                if verdict.class != Class::Different {
                    led.links.push(Link { a, b, verdict });
                }
                if is_led {
                    break;
                }
            }
            if !is_led && !self.across {
                leaders.push((*unit, features));
            }
        }
    }

    fn compared(&self, [(a, one), (b, other)]: [(u32, &Features); 2]) -> Verdict {
        self.judged(a, b, verify(one, other, &self.matching.thresholds()))
    }

    /// Those of some open pairs that LPIPS brings together.
    fn looked_at(&self, pairs: &[(u32, u32)]) -> Result<Vec<Link>, RunError> {
        let mut verdicts = vec![different(); pairs.len()];
        self.look(pairs, &mut verdicts)?;
        let links = pairs.iter().zip(verdicts).filter(|(_, v)| v.class.is_duplicate());
        Ok(links.map(|((a, b), verdict)| Link { a: *a, b: *b, verdict }).collect())
    }
}
