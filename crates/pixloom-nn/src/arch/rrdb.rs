//! ESRGAN's generator (Wang et al., ECCVW 2018): residual-in-residual dense blocks, nearest ×2
//! between the last convolutions. Reads the names of the first release, too.
use super::Tensors;
use crate::{Graph, NnError, NodeId, Op};

const LEAKY: f32 = 0.2;
const RESIDUAL: f32 = 0.2;

/// The names of a release.
struct Names {
    first: String,
    /// Before the number of a block; between it and `conv1`.
    block: (&'static str, [&'static str; 3], &'static str),
    trunk: String,
    /// After each enlargement, the two last ones.
    up: Vec<String>,
    last: [String; 2],
}

pub(super) fn fits(tensors: &Tensors) -> bool {
    tensors.has("body.0.rdb1.conv1.weight")
        || tensors.has("model.1.sub.0.RDB1.conv1.0.weight")
        || tensors.has("RRDB_trunk.0.RDB1.conv1.weight")
}

fn names(tensors: &Tensors) -> Names {
    let own = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    if tensors.has("body.0.rdb1.conv1.weight") {
        return Names {
            first: "conv_first".to_owned(),
            block: ("body.", ["rdb1", "rdb2", "rdb3"], ""),
            trunk: "conv_body".to_owned(),
            up: own(&["conv_up1", "conv_up2", "conv_up3"]),
            last: ["conv_hr", "conv_last"].map(str::to_owned),
        };
    }
    if tensors.has("RRDB_trunk.0.RDB1.conv1.weight") {
        return Names {
            first: "conv_first".to_owned(),
            block: ("RRDB_trunk.", ["RDB1", "RDB2", "RDB3"], ""),
            trunk: "trunk_conv".to_owned(),
            up: own(&["upconv1", "upconv2", "upconv3"]),
            last: ["HRconv", "conv_last"].map(str::to_owned),
        };
    }
    old_names(tensors)
}

/// The first release numbers everything: 3 numbers an enlargement, then the last two.
fn old_names(tensors: &Tensors) -> Names {
    let blocks = count(tensors, "model.1.sub.", ".RDB1.conv1.0.weight");
    let ups: Vec<String> = (1..=4)
        .map(|up| format!("model.{}", 3 * up))
        .take_while(|name| {
            let next = name.trim_start_matches("model.").parse::<usize>().unwrap_or(0) + 2;
            tensors.has(&format!("{name}.weight")) && tensors.has(&format!("model.{next}.weight"))
        })
        .collect();
    let after = 3 * ups.len() + 2;
    Names {
        first: "model.0".to_owned(),
        block: ("model.1.sub.", ["RDB1", "RDB2", "RDB3"], ".0"),
        trunk: format!("model.1.sub.{blocks}"),
        up: ups,
        last: [format!("model.{after}"), format!("model.{}", after + 2)],
    }
}

fn count(tensors: &Tensors, before: &str, after: &str) -> usize {
    (0..1000).take_while(|number| tensors.has(&format!("{before}{number}{after}"))).count()
}

pub(super) fn build(tensors: &Tensors) -> Result<Graph, NnError> {
    let names = names(tensors);
    let (_, [_, colours, _]) = tensors.kernel(&names.first)?;
    let (_, [result, _, _]) = tensors.kernel(&names.last[1])?;
    if colours != result {
        return Err(NnError::unsupported(format!(
            "an ESRGAN net that folds the picture into {colours} channels first"
        )));
    }
    let (mut graph, input) = Graph::with_input(colours)?;
    let first = graph.conv(tensors, &names.first, input)?;
    let mut tensor = first;
    let (before, parts, after) = names.block;
    let blocks = count(tensors, before, &format!(".{}.conv1{after}.weight", parts[0]));
    for number in 0..blocks {
        let start = tensor;
        for part in parts {
            let name = |conv: usize| format!("{before}{number}.{part}.conv{conv}{after}");
            tensor = dense(&mut graph, tensors, &name, tensor)?;
        }
        tensor = residual(&mut graph, tensor, start)?;
    }
    let trunk = graph.conv(tensors, &names.trunk, tensor)?;
    tensor = graph.push(Op::Add, &[trunk, first])?;
    for up in names.up.iter().filter(|up| tensors.has(&format!("{up}.weight"))) {
        tensor = graph.push(Op::Nearest(2), &[tensor])?;
        tensor = leaky(&mut graph, tensors, up, tensor)?;
    }
    tensor = leaky(&mut graph, tensors, &names.last[0], tensor)?;
    graph.conv(tensors, &names.last[1], tensor)?;
    Ok(graph)
}

fn leaky(
    graph: &mut Graph,
    tensors: &Tensors,
    name: &str,
    input: NodeId,
) -> Result<NodeId, NnError> {
    let conv = graph.conv(tensors, name, input)?;
    graph.slopes(&[LEAKY], conv)
}

/// `block · 0.2 + input`
fn residual(graph: &mut Graph, block: NodeId, input: NodeId) -> Result<NodeId, NnError> {
    let scaled = graph.push(Op::Affine { factor: RESIDUAL, term: 0.0 }, &[block])?;
    graph.push(Op::Add, &[scaled, input])
}

/// Five convolutions, each on all results so far.
fn dense(
    graph: &mut Graph,
    tensors: &Tensors,
    name: &dyn Fn(usize) -> String,
    input: NodeId,
) -> Result<NodeId, NnError> {
    let mut all = vec![input];
    for conv in 1..=4 {
        let joined = if conv == 1 { input } else { graph.push(Op::Concat, &all)? };
        all.push(leaky(graph, tensors, &name(conv), joined)?);
    }
    let joined = graph.push(Op::Concat, &all)?;
    let block = graph.conv(tensors, &name(5), joined)?;
    residual(graph, block, input)
}
