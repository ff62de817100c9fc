#include <fmt/format.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include "bindings.h"
#include "gil.h"
#include "heed/base/error.h"
#include "heed/model/file_names.h"
#include "heed/model/seq2seq.h"
#include "yaml_value.h"

namespace heed::python {
namespace {

bool has_value(const Parameter* parameter) { return parameter->value.view().data != nullptr && parameter->size() > 0; }

/// The text of a str or os.PathLike.
std::string path_of(nb::handle given) {
  const nb::object path = nb::steal(PyOS_FSPath(given.ptr()));
  if (path.is_valid()) return value_of<std::string>(path, "path");
  PyErr_Clear();
  refuse_type("path", "a str or os.PathLike", given);
}

void load(LoadedBundle* into, nb::handle folder, nb::handle precision) {
  const std::string path = path_of(folder);
  const auto name = value_of<std::optional<std::string>>(precision, "precision");
  const ReleasedGil released;
  const auto chosen = name ? std::optional(find_precision(*name)) : std::nullopt;
  LoadedBundle out{path, Bundle::load(path, chosen)};
  if (!std::ranges::all_of(out.bundle.model->parameters().all(), has_value))
    out.stored = std::make_unique<SafetensorsReader>(std::filesystem::path(path) / kParametersFile);
  new (into) LoadedBundle(std::move(out));
}

template <typename Number>
nb::object view_of(const void* data, const std::vector<std::int64_t>& shape, nb::handle owner) {
  std::vector<std::size_t> extents(shape.begin(), shape.end());
  return nb::cast(
      nb::ndarray<nb::numpy, const Number>(static_cast<const Number*>(data), extents.size(), extents.data(), owner));
}

nb::object stored_view(const std::string& name, const SafetensorsReader::Array& array, nb::handle owner) {
  const void* data = array.bytes.data();
  if (array.type == "F32") return view_of<float>(data, array.shape, owner);
  if (array.type == "I8") return view_of<std::int8_t>(data, array.shape, owner);
  if (array.type == "I32") return view_of<std::int32_t>(data, array.shape, owner);
  throw Error(ErrorKind::kModel,
              fmt::format("array '{}' has the type {}, which NumPy does not have", name, array.type));
}

/// Views of the memory that the model computes with, or of the mapped file.
nb::dict arrays_of(nb::handle self) {
  const auto& loaded = nb::cast<const LoadedBundle&>(self);
  nb::dict out;
  if (loaded.stored) {
    for (const auto& [name, array] : loaded.stored->arrays()) out[name.c_str()] = stored_view(name, array, self);
    return out;
  }
  for (const Parameter* parameter : loaded.bundle.model->parameters().all()) {
    const Tensor value = parameter->value.view();
    std::vector<std::int64_t> shape = {value.columns};
    if (parameter->role != ParameterRole::kVector) shape.insert(shape.begin(), value.rows);
    out[parameter->name.c_str()] = view_of<float>(value.data, shape, self);
  }
  return out;
}

/// Which nobody changes.
nb::object parameters_of(nb::handle self) { return nb::steal(PyDictProxy_New(arrays_of(self).ptr())); }

nb::list tokens_of(const TextSide& side) {
  nb::list out;
  for (int id = 0; id < side.vocabulary_size(); ++id) {
    out.append(text_of(side.token(id)));
  }
  return out;
}

nb::list feature_names_of(const LoadedBundle& loaded) {
  nb::list out;
  for (const FeatureOptions& feature : loaded.bundle.source.options().features()) out.append(text_of(feature.name));
  return out;
}

nb::str repr_of_bundle(const LoadedBundle& loaded) {
  const std::string rest =
      fmt::format(", {}, {} parameters)", name_of(loaded.bundle.precision), loaded.bundle.model->parameter_count());
  return nb::str(nb::str("Bundle(") + nb::repr(text_of(loaded.path)) + text_of(rest));
}

void bind_contents(nb::class_<LoadedBundle>& type) {
  type.def_prop_ro(
          "config", [](const LoadedBundle& b) { return python_of_yaml(b.bundle.config.to_yaml()); },
          nb::sig("def config(self) -> dict[str, typing.Any]"),
          "Every key of its configuration, in nested dicts, as ``config.yaml`` has them.")
      .def_prop_ro(
          "source_vocabulary", [](const LoadedBundle& b) { return tokens_of(b.bundle.source); },
          nb::sig("def source_vocabulary(self) -> list[str]"),
          "The tokens in the order of their ids, ``<unk>``, ``<s>`` and ``</s>`` first.")
      .def_prop_ro(
          "target_vocabulary", [](const LoadedBundle& b) { return tokens_of(b.bundle.target); },
          nb::sig("def target_vocabulary(self) -> list[str]"), "Likewise of the target.")
      .def_prop_ro("features", feature_names_of, nb::sig("def features(self) -> list[str]"),
                   "Names of the features of the source that the model reads; often none.")
      .def_prop_ro("parameters", parameters_of,
                   nb::sig("def parameters(self) -> collections.abc.Mapping[str, numpy.typing.NDArray[typing.Any]]"),
                   "The arrays of the model by their names, read-only, without a copy.\n\n"
                   "Weights are float32 [in, out], embeddings float32 [vocabulary, width], vectors float32 [width]: "
                   "docs/bundle.md lists them. Of an int8 bundle they are what its file has: blocks of int8, with "
                   "scales.");
}

}  // namespace

void bind_bundle(nb::module_& module) {
  nb::class_<LoadedBundle> type(
      module, "Bundle",
      "A trained model with all that using it needs: its folder, as ``heed train`` writes it.\n\n"
      "Immutable; threads and translators may share one.\n\n"
      "Parameters\n----------\n"
      "path : str or os.PathLike\n    The folder.\n"
      "precision : {\"float32\", \"bfloat16\", \"int8\"}, optional\n"
      "    Of the matrix products; int8 is the fastest. By default as the model is stored.\n\n"
      "Raises\n------\n"
      "Error\n    With ``file``: it is no bundle, damaged, of a newer version, or int8 and asked for in another "
      "precision.");
  type.def("__init__", load, nb::arg("path"), nb::arg("precision").none() = nb::none(),
           nb::sig("def __init__(self, path: str | os.PathLike[str], precision: str | None = None) -> None"))
      .def("__repr__", repr_of_bundle)
      .def_prop_ro(
          "path", [](const LoadedBundle& b) { return text_of(b.path); }, "The folder, as it was given.")
      .def_prop_ro(
          "precision", [](const LoadedBundle& b) { return name_of(b.bundle.precision); }, "Of its matrix products.")
      .def_prop_ro(
          "attends", [](const LoadedBundle& b) { return b.bundle.model->decoder().attends(); },
          "Whether the model has attention.")
      .def_prop_ro(
          "parameter_count", [](const LoadedBundle& b) { return b.bundle.model->parameter_count(); },
          "Numbers that were trained.");
  bind_contents(type);
}

}  // namespace heed::python
