//! Whatever does not depend on the images and no family reads: computed on the CPU by Burn's own interpreter of
//! recorded operations (sorting, sums of all numbers, cumulative sums, scattering, …). No signal passes it.

use burn::backend::flex::FlexDevice;
use burn::backend::ir::{
    FloatOperationIr, HandleKind, IrVisitorMut, NumericOperationIr, OperationIr, TensorId,
    TensorIr, TensorStatus,
};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{
    BackendTensor, Dispatch, DispatchDevice, DispatchTensor, DispatchTensorKind, Flex,
    TensorMetadata,
};
use burn::tensor::{Device, Shape};
use burn_router::TensorInterpreter;

use super::shape::by_kind;
use super::{Computed, Operands, Operation, Signal, Target, Value};
use crate::error::GraphError;
use crate::recall::Recall;

/// The operation with one of its outputs. `None` for what is another thing every time (randomness), for what
/// works on several devices, and for operations of the user's own.
pub(crate) fn read(op: &OperationIr, output: &TensorIr, name: &str) -> Option<Box<dyn Operation>> {
    let elsewhere = matches!(
        op,
        OperationIr::Float(_, FloatOperationIr::Random(_))
            | OperationIr::NumericFloat(_, NumericOperationIr::IntRandom(_))
            | OperationIr::NumericInt(_, NumericOperationIr::IntRandom(_))
            | OperationIr::Custom(_)
            | OperationIr::Distributed(_)
            | OperationIr::Init(_)
            | OperationIr::Drop(_)
    );
    let (op, output, name) = (op.clone(), output.clone(), name.to_owned());
    (!elsewhere).then(|| Box::new(Interpreted { op, output, name }) as Box<_>)
}

#[derive(Debug)]
struct Interpreted {
    op: OperationIr,
    output: TensorIr,
    name: String,
}

/// The shapes of this number of images, and handles that can be read more than once.
struct Fitted(Vec<(TensorId, Shape)>);

impl IrVisitorMut for Fitted {
    fn visit_tensor_mut(&mut self, tensor: &mut TensorIr) {
        tensor.status = TensorStatus::ReadOnly;
        if let Some((_, shape)) = self.0.iter().find(|(id, _)| *id == tensor.id) {
            tensor.shape = shape.clone();
        }
    }
}

impl Operation for Interpreted {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn accepts(&self, operands: &Operands<'_>) -> bool {
        !operands.varies.contains(&true)
    }

    fn forward(&self, inputs: &[Value], target: &Target) -> Computed {
        let mut interpreter = TensorInterpreter::<Flex>::new(FlexDevice);
        let (mut op, mut output) = (self.op.clone(), self.output.clone());
        let mut shapes = vec![(output.id, target.shape.clone())];
        for (tensor, value) in self.op.inputs().zip(inputs) {
            shapes.push((tensor.id, value.shape()));
            if let Some(value) = on_the_cpu(value.clone()) {
                interpreter.register_tensor_to_device(tensor.id, value);
            }
        }
        op.visit_mut(&mut Fitted(shapes));
        interpreter.register_op(op);
        output.status = TensorStatus::ReadOnly;
        let computed = match interpreter.get_tensor(&output) {
            HandleKind::Float(tensor) => BackendTensor::Float(tensor),
            HandleKind::Int(tensor) => BackendTensor::Int(tensor),
            HandleKind::Bool(tensor) => BackendTensor::Bool(tensor),
            HandleKind::Quantized(tensor) => BackendTensor::Quantized(tensor),
        };
        let (kind, autodiff) = (DispatchTensorKind::Flex(computed), Default::default());
        to_device(DispatchTensor { kind, autodiff }, &target.device).into()
    }

    fn backward(&self, _signal: Value, _input: usize, _recall: &Recall<'_>) -> Signal {
        Err(GraphError::Unsupported { operation: self.name.clone() })
    }
}

fn to_device(value: Value, device: &DispatchDevice) -> Value {
    by_kind!(value, float_to_device, int_to_device, bool_to_device, device)
}

fn on_the_cpu(value: Value) -> Option<HandleKind<Flex>> {
    match to_device(value, Device::flex().as_dispatch()).kind {
        DispatchTensorKind::Flex(BackendTensor::Float(tensor)) => Some(HandleKind::Float(tensor)),
        DispatchTensorKind::Flex(BackendTensor::Int(tensor)) => Some(HandleKind::Int(tensor)),
        DispatchTensorKind::Flex(BackendTensor::Bool(tensor)) => Some(HandleKind::Bool(tensor)),
        _ => None,
    }
}
