#include <nanobind/nanobind.h>

#include "answer.h"
#include "bindings.h"
#include "heed/base/error.h"
#include "heed/base/located_message.h"
#include "heed/base/processors.h"
#include "heed/base/version.h"

namespace heed::python {
namespace {

const char* name_of_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return "usage";
    case ErrorKind::kOutput:
      return "output";
    case ErrorKind::kData:
      return "data";
    case ErrorKind::kModel:
      return "model";
    case ErrorKind::kNumeric:
      return "numeric";
    case ErrorKind::kSystem:
      return "system";
    case ErrorKind::kArgument:
      return "argument";
  }
  return "data";
}

/// heed.Error and heed.UsageError are Python's (heed/errors.py).
void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    const bool usage = dynamic_cast<const UsageError*>(&error) != nullptr;
    const nb::object type = nb::module_::import_("heed.errors").attr(usage ? "UsageError" : "Error");
    const ErrorPlace& place = error.place();
    const nb::object line = place.line > 0 ? nb::object(nb::int_(place.line)) : nb::object(nb::none());
    const nb::object sentence = place.sentence ? nb::object(nb::int_(*place.sentence)) : nb::object(nb::none());
    const std::string what = located_message(error);
    // Of texts that are not UTF-8 messages quote the bytes.
    const nb::object message =
        nb::steal(PyUnicode_DecodeUTF8(what.data(), static_cast<Py_ssize_t>(what.size()), "backslashreplace"));
    const nb::object instance = type(message, name_of_kind(error.kind()), or_none(place.file), line, or_none(place.key),
                                     or_none(place.operation), sentence);
    PyErr_SetObject(type.ptr(), instance.ptr());
  }
}

}  // namespace

void bind_errors(nb::module_&) { nb::register_exception_translator(translate); }

}  // namespace heed::python

NB_MODULE(_heed, module) {
  namespace python = heed::python;
  nanobind::set_leak_warnings(false);  // what a program still holds when it ends is no fault of it
  // Types are made once in a process: who takes the package out of sys.modules and imports it again gets the same ones.
  static nanobind::dict& made = *new nanobind::dict();
  if (nanobind::len(made) > 0) {
    nanobind::object(module.attr("__dict__")).attr("update")(made);
    return;
  }
  module.doc() = "What the package heed is made on: private, and without promises.";
  module.attr("version") = heed::kVersion;
  module.def("usable_processors", heed::usable_processors, "Processors that this process may use.");
  python::bind_errors(module);
  python::bind_bundle(module);
  python::bind_answer(module);
  python::bind_translator(module);
  python::bind_training(module);
  python::bind_metrics(module);
  made.update(nanobind::cast<nanobind::dict>(module.attr("__dict__")));
}
