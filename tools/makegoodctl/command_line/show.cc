#include "tools/makegoodctl/command_line/show.h"

#include <cstdio>

#include "absl/strings/str_join.h"
#include "google/protobuf/util/json_util.h"
#include "makegood/base/v1/command.pb.h"
#include "makegood/events/v1/event_service.pb.h"
#include "tools/makegoodctl/command_line/change_line.h"
#include "tools/makegoodctl/command_line/request_form.h"

namespace makegood::ctl {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  // A script that asks for a count gets 0, not nothing. What may be absent and is, stays so.
  options.always_print_primitive_fields = true;
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(message, &json, options);
  return written.ok() ? json : "{}";
}

std::string ToTextLine(const Message& message, const ValueStyle& style) {
  std::vector<std::string> values;
  for (const Column& column : ColumnsOf(*message.GetDescriptor())) {
    values.push_back(OneLine(ValueAt(message, column.path, style)));
  }
  return absl::StrJoin(values, "\t");
}

void Show(const Session& session, const Message& message) {
  switch (session.output()) {
    case Output::kJson:
      std::puts(ToJson(message).c_str());
      return;
    case Output::kText:
      for (const auto& [path, value] : FactsOf(message, Extent::kAll, session.style())) {
        std::printf("%s\t%s\n", path.c_str(), OneLine(value).c_str());
      }
      return;
    case Output::kTable:
      PrintForPeople(message, session.style());
  }
}

namespace {

bool IsDryRun(const Message& request) {
  const FieldDescriptor* const header = HeaderOf(*request.GetDescriptor());
  if (header == nullptr) return false;
  return static_cast<const base::v1::Command&>(request.GetReflection()->GetMessage(request, header))
      .validate_only();
}

}  // namespace

void ShowOutcome(const Session& session, const RequestForm& form, const Message& request,
                 const Message& reply) {
  const bool short_form = session.output() == Output::kTable && form.is_command() && !form.show_whole();
  // How many it would be is the same sentence.
  const bool count = dynamic_cast<const events::v1::RetryAllStuckResponse*>(&reply) != nullptr;
  const std::string line = short_form && (count || !IsDryRun(request))
                               ? ChangeLine(reply, session.terminal().colour_out, &request)
                               : "";
  if (line.empty()) return Show(session, reply);
  std::puts(line.c_str());
}

bool PrintForScript(const Session& session, const Message& row) {
  if (session.output() == Output::kTable) return false;
  const std::string line = session.output() == Output::kJson ? ToJson(row) : ToTextLine(row, session.style());
  std::puts(line.c_str());
  return true;
}

Rows::Rows(const Session& session, const Descriptor& type)
    : session_(session), columns_(ColumnsOf(type)), table_(TableOf(columns_)) {}

void Rows::Add(const Message& row) {
  if (!PrintForScript(session_, row)) table_.AddCells(RowOf(row, columns_, session_.style()));
}

void Rows::Finish(const std::vector<std::string>& narrowed_by) const {
  if (table_.empty()) {
    TellNothingFound(session_, narrowed_by);
  } else {
    table_.Print();
  }
  std::fflush(stdout);
}

void TellNothingFound(const Session& session, const std::vector<std::string>& narrowed_by) {
  if (session.output() != Output::kTable) return;
  const std::string names = absl::StrJoin(narrowed_by, ", ");
  std::fprintf(stderr, "Nothing was found%s%s.\n", names.empty() ? "" : "; too narrow may be ",
               names.c_str());
}

void TellDryRun(const Session& session) {
  std::fputs(Paint("Dry run: nothing was changed. This is what it would come to:\n", Colour::kBusy,
                   session.terminal().colour_err)
                 .c_str(),
             stderr);
}

void TellDryRun(const Session& session, const Message& request) {
  if (IsDryRun(request)) TellDryRun(session);
}

}  // namespace makegood::ctl
