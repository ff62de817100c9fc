#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heed::serve {

/// Who may ask: a file of lines "NAME KEY", of which blank ones and those that begin with # say nothing.
class ApiKeys {
 public:
  /// Empty: everybody may. Throws Error that names file and line.
  explicit ApiKeys(std::string path);
  void reload();
  /// The name of the key of an "Authorization: Bearer KEY"; nothing if it is none. Where everybody may, an empty name.
  std::optional<std::string> user_of(std::string_view authorization) const;

 private:
  struct Key {
    std::string user;
    std::string key;
  };

  const std::string path_;
  mutable std::mutex mutex_;
  std::vector<Key> keys_;
};

}  // namespace heed::serve
