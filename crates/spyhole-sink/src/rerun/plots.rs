//! Which statistics of a layer share a plot, and their colours there.

use spyhole_protocol::{Scale, Statistic, Subject};

/// A plot of a layer: title, and what belongs there.
type Plot = (&'static str, fn(&Statistic) -> bool);

pub(super) const PLOTS: [Plot; 3] = [
    ("Filters: shares", |statistic| statistic.subject == Subject::Filters && is_share(statistic)),
    ("Filters: sizes and changes", |statistic| {
        statistic.subject == Subject::Filters && !is_share(statistic)
    }),
    ("Maps", |statistic| statistic.subject == Subject::Maps),
];

/// Colours for lines in one plot, told apart on a dark ground.
const COLOURS: [u32; 10] = [
    0x4FC3_F7FF,
    0xFFB7_4DFF,
    0x81C7_84FF,
    0xE573_73FF,
    0xBA68_C8FF,
    0xFFF1_76FF,
    0x4DB6_ACFF,
    0xF06_292FF,
    0xA188_7FFF,
    0x90A4_AEFF,
];

/// Between −1 and 1.
fn is_share(statistic: &Statistic) -> bool {
    matches!(statistic.scale, Scale::Share | Scale::Signed)
}

/// Each statistic with the colour of its line. Within a plot colours come again only after all of them were used.
pub(super) fn coloured(statistics: &[Statistic]) -> impl Iterator<Item = (&Statistic, u32)> {
    PLOTS.into_iter().flat_map(move |(_, belongs)| {
        let members = statistics.iter().filter(move |statistic| belongs(statistic));
        members.zip(COLOURS.into_iter().cycle())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn statistic(name: &str, subject: Subject, scale: Scale) -> Statistic {
        let [label, meaning, formula] = [name, "", ""].map(String::from);
        Statistic { name: name.into(), label, meaning, formula, subject, scale }
    }

    #[test]
    fn every_statistic_has_one_plot_and_in_it_a_colour_of_its_own() {
        let scales = [Scale::Share, Scale::Signed, Scale::Linear, Scale::Logarithmic];
        let all: Vec<Statistic> = (0..20)
            .map(|number| {
                let subject = if number % 2 == 0 { Subject::Filters } else { Subject::Maps };
                statistic(&format!("s{number}"), subject, scales[number / 2 % 4])
            })
            .collect();
        let coloured: Vec<_> = coloured(&all).collect();
        let names: BTreeSet<_> = coloured.iter().map(|(statistic, _)| &statistic.name).collect();
        assert_eq!((coloured.len(), names.len()), (all.len(), all.len()));
        for (title, belongs) in PLOTS {
            let members = coloured.iter().filter(|(statistic, _)| belongs(statistic));
            let colours: Vec<u32> = members.map(|(_, colour)| *colour).collect();
            let different: BTreeSet<_> = colours.iter().collect();
            assert!(!colours.is_empty(), "{title}");
            assert_eq!(different.len(), colours.len(), "{title}");
        }
    }
}
