// JSON of what is no message: its keys in the order they are added in.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace makegood::ctl {

// A text in JSON, on one line.
std::string JsonText(const std::string& text);
std::string JsonList(const std::vector<std::string>& values);

class JsonObject {
 public:
  // The value is JSON itself.
  JsonObject& Add(absl::string_view key, absl::string_view json);
  JsonObject& AddText(absl::string_view key, const std::string& text) { return Add(key, JsonText(text)); }
  std::string Json() const;

 private:
  std::string members_;
};

}  // namespace makegood::ctl
