//! A small dense inference: layers of a matrix times a vector with a rectifier behind it. The weights are a working set that all threads share.

use rand::Rng;
use rand_pcg::Pcg64;

use super::super::config::ModelConfig;
use crate::timeline::thread_cpu_ns;

/// Sums that are kept apart, so that the compiler may use wide registers.
const LANES: usize = 8;
/// Inferences that are timed when a thread begins; the least is taken.
const TIMED: u32 = 3;

/// The weights of all models of one instance.
#[derive(Debug)]
pub struct Weights {
    config: ModelConfig,
    all: Vec<f32>,
}

impl Weights {
    /// Random ones, small enough that activations neither grow nor vanish.
    pub fn new(config: ModelConfig, random: &mut Pcg64) -> Self {
        let width = config.width as usize;
        let count = width * width * config.layers as usize * config.count as usize;
        let scale = 2.0 / width as f32 / (1_u64 << 31) as f32;
        // Two of each draw: what is timed later is reading them, and starting should not take long.
        let mut all = Vec::with_capacity(count);
        while all.len() + 1 < count {
            let drawn = random.next_u64();
            all.extend([drawn as u32, (drawn >> 32) as u32].map(|bits| bits as f32 * scale));
        }
        all.resize(count, scale);
        Weights { config, all }
    }

    fn row(&self, model: usize, layer: usize, row: usize) -> &[f32] {
        let width = self.config.width as usize;
        let at = ((model * self.config.layers as usize + layer) * width + row) * width;
        &self.all[at..at + width]
    }
}

/// One thread's inference, which may be done a row at a time.
#[derive(Debug)]
pub(super) struct Inference {
    model: usize,
    layer: usize,
    row: usize,
    input: Vec<f32>,
    output: Vec<f32>,
}

impl Inference {
    pub(super) fn new(weights: &Weights) -> Self {
        let width = weights.config.width as usize;
        Inference { model: 0, layer: 0, row: 0, input: vec![1.0; width], output: vec![0.0; width] }
    }

    /// Another message, another model.
    pub(super) fn draw(&mut self, weights: &Weights, random: &mut Pcg64) {
        self.model = (random.next_u64() % u64::from(weights.config.count)) as usize;
    }

    /// CPU time of a whole inference on this host, in nanoseconds.
    pub(super) fn cost_ns(&mut self, weights: &Weights) -> u64 {
        let timed = (0..TIMED).map(|_| {
            let start = thread_cpu_ns();
            self.whole(weights);
            thread_cpu_ns() - start
        });
        timed.min().unwrap_or_default()
    }

    /// A whole inference.
    pub(super) fn whole(&mut self, weights: &Weights) {
        for _ in 0..weights.config.layers * weights.config.width {
            self.step(weights);
        }
    }

    /// Rows of it, one after the other, until this thread's CPU clock shows the time.
    pub(super) fn until(&mut self, weights: &Weights, cpu_ns: u64) {
        while thread_cpu_ns() < cpu_ns {
            self.step(weights);
        }
    }

    fn step(&mut self, weights: &Weights) {
        let row = weights.row(self.model, self.layer, self.row);
        let mut sums = [0.0_f32; LANES];
        let (rows, inputs) = (row.chunks_exact(LANES), self.input.chunks_exact(LANES));
        let rest: f32 =
            rows.remainder().iter().zip(inputs.remainder()).map(|(weight, input)| weight * input).sum();
        for (weights, inputs) in rows.zip(inputs) {
            for lane in 0..LANES {
                sums[lane] += weights[lane] * inputs[lane];
            }
        }
        // What comes out is never looked at, and must be computed all the same.
        self.output[self.row] = std::hint::black_box((sums.iter().sum::<f32>() + rest).max(0.0));
        self.row += 1;
        if self.row == self.output.len() {
            self.row = 0;
            self.layer = (self.layer + 1) % weights.config.layers as usize;
            std::mem::swap(&mut self.input, &mut self.output);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(width: u32) -> Weights {
        Weights::new(ModelConfig { layers: 2, width, count: 3 }, &mut Pcg64::new(1, 1))
    }

    #[test]
    fn the_weights_are_as_many_as_the_models_have() {
        assert_eq!(weights(20).all.len(), 3 * 2 * 400);
        assert_eq!(weights(3).all.len(), 3 * 2 * 9);
    }

    #[test]
    fn an_inference_is_a_matrix_times_a_vector_layer_by_layer() {
        let weights = weights(11);
        let mut inference = Inference::new(&weights);
        inference.model = 2;
        let mut expected = vec![1.0_f32; 11];
        for layer in 0..2 {
            expected = (0..11)
                .map(|row| {
                    let products = weights.row(2, layer, row).iter().zip(&expected).map(|(w, x)| w * x);
                    products.sum::<f32>().max(0.0)
                })
                .collect();
        }
        inference.whole(&weights);
        assert_eq!((inference.layer, inference.row), (0, 0));
        for (is, should) in inference.input.iter().zip(expected) {
            assert!((is - should).abs() <= 1e-5 * should.abs().max(1e-3), "{is} {should}");
        }
    }
}
