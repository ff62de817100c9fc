#include "safetensors_header.h"

#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/json_fault.h"

namespace heed {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kMostExtents = 8;  // Heed's arrays have two

/// Gets the header's parts one by one; what returns false ends the reading, with `reason_`.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  SafetensorsHeader read(std::string_view json) {
    if (!Json::sax_parse(json.begin(), json.end(), this)) throw Error(ErrorKind::kModel, reason_);
    return std::move(header_);
  }

  bool start_object(std::size_t) override {
    if (depth_ == 2 || list_ != nullptr) return fail(fmt::format("{} has an object for a value", place()));
    if (++depth_ == 2 && !in_metadata()) header_.entries.push_back({name_, {}, {}, {}});
    return true;
  }
  bool end_object() override { return --depth_ == 0 || in_metadata() || is_whole(header_.entries.back()); }

  bool key(string_t& key) override {
    (depth_ == 1 ? name_ : field_) = key;
    return true;
  }

  bool start_array(std::size_t) override {
    if (depth_ < 2 || in_metadata() || list_ != nullptr) return fail(fmt::format("{} has a list for a value", place()));
    SafetensorsHeader::Entry& entry = header_.entries.back();
    list_ = field_ == "shape" ? &entry.shape : field_ == "data_offsets" ? &entry.offsets : nullptr;
    most_ = field_ == "shape" ? kMostExtents : 2;
    return list_ != nullptr || fail(fmt::format("{} has a list for a value", place()));
  }
  bool end_array() override {
    list_ = nullptr;
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (list_ == nullptr) return value_of_field();
    if (list_->size() == most_) return fail(fmt::format("{} has more than {} numbers", place(), most_));
    list_->push_back(value);
    return true;
  }
  bool string(string_t& value) override {
    if (in_metadata() && depth_ == 2) {
      header_.metadata[field_] = value;
      return true;
    }
    if (depth_ < 2 || list_ != nullptr || field_ != "dtype") return value_of_field();
    header_.entries.back().type = value;
    return true;
  }
  bool null() override { return value_of_field(); }
  bool boolean(bool) override { return value_of_field(); }
  bool number_integer(number_integer_t) override { return value_of_field(); }
  bool number_float(number_float_t, const string_t&) override { return value_of_field(); }
  bool binary(binary_t&) override { return value_of_field(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    return fail(json_fault(error.what()));
  }

 private:
  bool in_metadata() const { return name_ == "__metadata__"; }
  std::string place() const {
    if (depth_ == 0) return "the header";
    return depth_ == 1 ? fmt::format("'{}'", name_) : fmt::format("'{}' of array '{}'", field_, name_);
  }
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  /// A value that no field of the format has. Fields that the format does not know are passed over.
  bool value_of_field() {
    const bool known = field_ == "dtype" || field_ == "shape" || field_ == "data_offsets";
    return (depth_ == 2 && !in_metadata() && list_ == nullptr && !known) ||
           fail(fmt::format("{} has no valid value", place()));
  }

  bool is_whole(const SafetensorsHeader::Entry& entry) {
    if (entry.offsets.size() != 2) return fail(fmt::format("array '{}' has no two data_offsets", entry.name));
    return !entry.type.empty() || fail(fmt::format("array '{}' has no dtype", entry.name));
  }

  SafetensorsHeader header_;
  std::string reason_;
  int depth_ = 0;  // 1: the header, 2: an array or the metadata
  std::string name_;
  std::string field_;
  std::vector<std::uint64_t>* list_ = nullptr;  // that is being read
  std::size_t most_ = 0;
};

}  // namespace

SafetensorsHeader read_safetensors_header(std::string_view json) { return HeaderReader().read(json); }

}  // namespace heed
