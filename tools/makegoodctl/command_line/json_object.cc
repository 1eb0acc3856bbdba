#include "tools/makegoodctl/command_line/json_object.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tools/makegoodctl/terminal/terminal.h"

namespace makegood::ctl {

std::string JsonText(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(OneLine(text));
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(value, &json);  // a text always has a JSON form
  return json;
}

std::string JsonList(const std::vector<std::string>& values) {
  return absl::StrCat("[", absl::StrJoin(values, ","), "]");
}

JsonObject& JsonObject::Add(absl::string_view key, absl::string_view json) {
  absl::StrAppend(&members_, members_.empty() ? "" : ",", JsonText(std::string(key)), ":", json);
  return *this;
}

std::string JsonObject::Json() const { return absl::StrCat("{", members_, "}"); }

}  // namespace makegood::ctl
