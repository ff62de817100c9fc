#pragma once
#include <cxxabi.h>
#include <nanobind/nanobind.h>
#include <unistd.h>

namespace heed::python {

namespace nb = nanobind;

/// Where a process ends, Python before 3.14 ends its other threads when they ask for the GIL, by unwinding them, which
/// no `noexcept` and no `catch (...)` lets pass. As with Python 3.14 they rest here until the process is gone.
[[noreturn]] inline void rest() {
  while (true) pause();
}
template <typename Work>
auto or_rest(const Work& work) {
  try {
    return work();
  } catch (const abi::__forced_unwind&) {
    rest();
  }
}

/// nb::gil_scoped_release in a thread that may rest.
class ReleasedGil {
 public:
  ReleasedGil() : state_(PyEval_SaveThread()) {}
  ~ReleasedGil() {
    or_rest([this] { PyEval_RestoreThread(state_); });
  }
  ReleasedGil(const ReleasedGil&) = delete;
  ReleasedGil& operator=(const ReleasedGil&) = delete;

 private:
  PyThreadState* state_;
};

/// nb::gil_scoped_acquire in a thread that may rest.
class AcquiredGil {
 public:
  AcquiredGil() : state_(or_rest(ask)) {}
  ~AcquiredGil() { PyGILState_Release(state_); }
  AcquiredGil(const AcquiredGil&) = delete;
  AcquiredGil& operator=(const AcquiredGil&) = delete;

 private:
  static PyGILState_STATE ask() {
    // A thread of ours, for which there is no interpreter any more.
    if (Py_IsInitialized() == 0 && PyGILState_GetThisThreadState() == nullptr) rest();
    return PyGILState_Ensure();
  }

  PyGILState_STATE state_;
};

/// What a function of Python gives, in a thread that may rest.
template <typename... Arguments>
nb::object called(nb::handle function, Arguments&&... arguments) {
  const nb::tuple given = nb::make_tuple(std::forward<Arguments>(arguments)...);
  PyObject* out = or_rest([&] { return PyObject_CallObject(function.ptr(), given.ptr()); });
  if (out == nullptr) nb::raise_python_error();
  return nb::steal(out);
}

}  // namespace heed::python
