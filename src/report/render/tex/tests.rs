//! Made-up documents, as TeX.

use super::{fragment, tex};
use crate::analyse::{How, Interval, Reading, Summary};
use crate::report::document::{
    Axis, Cell, Column, Document, Dot, Drawing, Figure, Mark, Panel, Point, Reason, Role, Row, Scale,
    Section, Series, Table,
};

#[test]
fn a_table_is_booktabs_and_text_of_files_is_text() {
    let mut section = Section::new("treatments", "Treatments & more");
    let broken = Mark { reason: Reason::Broken, sentence: "It broke `lost < 1`.".to_owned() };
    section.table(Table {
        id: "treatments",
        columns: vec![Column::new("le_vel", None, ""), Column::of("ack p99", "ack_latency_p99_ms")],
        rows: vec![Row {
            cells: vec![
                Cell::Label("50 % \\\\ & {x}".to_owned()),
                Cell::Summary(Summary::of([1.0, 3.0, 2.0].map(Reading::Value))),
            ],
            mark: Some(broken),
            ..Row::default()
        }],
    });
    let document =
        Document { title: "demo #1".to_owned(), question: "$x?".to_owned(), sections: vec![section] };
    let text = tex(&document);
    let body = text.split_once("\\title").unwrap().1;
    assert_eq!(body, TABLE);
}

#[test]
fn a_figure_has_the_numbers_of_its_data_and_gaps_are_gaps() {
    let point = |x: f64, y, mark| Point { x, y, n: 1, mark, ..Point::default() };
    let measured = [(1.0, Some(198.25)), (2.0, None), (4.0, Some(791.125))];
    let of = |role, points: Vec<Point>| Series { role, hue: 1, points, ..Series::default() };
    let series = vec![
        of(Role::Measured, measured.map(|(x, y)| point(x, y, Dot::Plain)).to_vec()),
        of(
            Role::Trials,
            vec![point(1.0, Some(198.25), Dot::Saturated), point(4.0, Some(791.125), Dot::Doubtful)],
        ),
    ];
    let figure = Figure {
        id: "scaling".to_owned(),
        drawing: Drawing::Dots,
        x: Axis { at: vec![1.0, 2.0, 4.0], scale: Scale::Linear, ..Axis::new("partitions", "") },
        panels: vec![Panel { y: Axis::new("throughput", "messages/s"), series, ..Panel::default() }],
        emulated: Some("1 vCPU = 40 % of a core".to_owned()),
        ..Figure::default()
    };
    let text = fragment(&figure);
    assert_eq!(text.split_once("\\begin{tikzpicture}").unwrap().1, FIGURE);
}

#[test]
fn a_law_is_a_line_over_its_band() {
    let around =
        |low, high| Interval { low: Reading::Value(low), high: Reading::Value(high), how: How::Student };
    let at =
        |x: f64, y, low, high| Point { x, y: Some(y), interval: Some(around(low, high)), ..Point::default() };
    let points = vec![at(1.0, 200.0, 190.0, 210.0), at(4.0, 700.0, 600.0, 800.0)];
    let law = Series { role: Role::Law, hue: 2, points, ..Series::default() };
    let figure = Figure {
        drawing: Drawing::Dots,
        x: Axis { at: vec![1.0, 2.0], ..Axis::new("instances", "") },
        panels: vec![Panel {
            y: Axis::new("throughput", "messages/s"),
            series: vec![law],
            ..Panel::default()
        }],
        ..Figure::default()
    };
    let text = fragment(&figure);
    let band = "\\addplot[draw=none, fill=bench2, fill opacity=0.16, mark=none, forget plot] coordinates {(1,210) (4,800) (4,600) (1,190)} -- cycle;";
    let line = "\\addplot[bench2, dash pattern=on 5pt off 1.5pt on 1.5pt off 1.5pt, mark=none, forget plot] coordinates {(1,200) (4,700)};";
    let (band, line) = (text.find(band), text.find(line));
    assert!(band.is_some() && line.is_some() && band < line, "{text}");
}

const TABLE: &str = r"{demo \#1}
\author{}
\date{}
\begin{document}
\maketitle
\emph{\$x?}

\section{Treatments \& more}

\begin{minipage}{\linewidth}\centering
\benchcaption{table}{Treatments \& more}
\benchfit{\begin{tabular}{@{}lr@{}}
\toprule
le\_vel & ack p99 ms \\
\midrule
50 \% \textbackslash{}\textbackslash{} \& \{x\}\textsuperscript{1} & 2.0 (1.0 \textendash{} 3.0) \\
\bottomrule
\end{tabular}}
\end{minipage}\par\medskip

{\footnotesize\textsuperscript{1} It broke \texttt{lost \textless{} 1}.\par}

\end{document}
";

const FIGURE: &str = r"
\definecolor{bench1}{HTML}{B34700}
\begin{axis}[scale only axis, width=11.5cm, height=5.5cm,
  grid=major, grid style={gray!25}, tick align=outside, tick pos=left, scaled ticks=false,
  /pgf/number format/1000 sep={}, tick label style={font=\scriptsize}, label style={font=\footnotesize},
  title style={font=\scriptsize, text width=11.5cm, align=center}, title={emulated: 1 vCPU = 40 \% of a core},
  ylabel={throughput, messages/s},
  ymin=0,
  yticklabel style={text width=1.1cm, align=right},
  xlabel={partitions},
  xmin=0.76, xmax=4.24, xtick={1,2,4}, xticklabels={{1},{2},{4}}]
\node[font=\tiny, text=gray, anchor=south] at ({axis cs:2,1}|-{rel axis cs:0,0.01}) {no data};
\addplot[bench1, only marks, mark=-, mark size=2.7pt, mark options={solid, very thick}, xshift=2.5pt, forget plot] coordinates {(1,198.25)};
\addplot[bench1, only marks, mark=-, mark size=2.7pt, mark options={solid, very thick}, xshift=2.5pt, forget plot] coordinates {(4,791.125)};
\addplot[bench1, only marks, mark=square*, mark size=1.9pt, mark options={solid, fill=white}, xshift=-3.3pt, forget plot] coordinates {(1,198.25)};
\addplot[bench1, only marks, mark=x, mark size=2.6pt, mark options={solid}, xshift=-3.3pt, forget plot] coordinates {(4,791.125)};
\end{axis}
\end{tikzpicture}
";
