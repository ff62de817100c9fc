#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <mutex>
#include <vector>

#include "heed/record/translation.h"
#include "heed/view/page.h"
#include "values.h"

namespace heed::python {

/// A read-only view of memory that `owner` keeps.
using FloatMatrix = nb::ndarray<nb::numpy, const float, nb::ndim<2>>;

/// The rows as one array of its own, [rows, columns], which Python then owns.
nb::object own_matrix(const AttentionWeights& rows, std::size_t columns);

/// heed.Translation: one of a record's answers. Answers of one sentence share the record; immutable but for the
/// attention, which becomes one matrix when it is first asked for.
class Answer {
 public:
  Answer(std::shared_ptr<const Translated> of, std::size_t place) : of_(std::move(of)), place_(place) {}

  const Translated& record() const { return *of_; }
  const Translation& translation() const { return of_->translations[place_]; }
  std::size_t place() const { return place_; }
  bool attends() const { return !translation().attention.empty(); }
  /// Row by row.
  const std::vector<float>& attention() const;
  /// For pages: the whole record for its best answer, of the others the record with it alone.
  ViewedSentence viewed() const;

 private:
  std::shared_ptr<const Translated> of_;
  std::size_t place_;
  mutable std::once_flag joined_;
  mutable std::vector<float> attention_;
};

/// Python objects of all answers of a record.
nb::list answers_of(Translated translated);

void bind_answer(nb::module_& module);

}  // namespace heed::python
