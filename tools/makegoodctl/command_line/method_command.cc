#include "tools/makegoodctl/command_line/method_command.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "google/protobuf/util/json_util.h"
#include "makegood/base/v1/command.pb.h"
#include "tools/makegoodctl/client/call.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/view.h"

namespace makegood::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::Reflection;

constexpr int kDefaultPage = 50;  // what a server makes of 0
constexpr int kPageOfAll = 1000;  // the most it gives at once

int64_t PageSizeOf(const Message& request) {
  const FieldDescriptor* const field = request.GetDescriptor()->FindFieldByName("page_size");
  return field == nullptr ? 0 : request.GetReflection()->GetInt32(request, field);
}

// Shows the rows of a list, page by page: JSON and text as they come, a table when all widths are known.
class Rows {
 public:
  Rows(const Session& session, const FieldDescriptor& field)
      : session_(session), field_(field), columns_(ColumnsOf(*field.message_type())), table_(Titles()) {}

  // Takes a page; how many rows it has.
  int Take(const Message& reply) {
    const Reflection& reflection = *reply.GetReflection();
    const int size = reflection.FieldSize(reply, &field_);
    for (int i = 0; i < size; ++i) TakeRow(reflection.GetRepeatedMessage(reply, &field_, i));
    return size;
  }

  void Finish() const {
    if (session_.output() != Output::kTable) return;
    if (!table_.empty()) return table_.Print();
    if (session_.terminal().person_watches) std::fputs("There are none.\n", stderr);
  }

 private:
  std::vector<std::string> Titles() const {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    return titles;
  }

  void TakeRow(const Message& row) {
    switch (session_.output()) {
      case Output::kJson:
        std::puts(ToJson(row).c_str());
        return;
      case Output::kText:
        std::puts(ToTextLine(row, session_.style()).c_str());
        return;
      case Output::kTable:
        table_.AddCells(RowOf(row, columns_, session_.style()));
    }
  }

  const Session& session_;
  const FieldDescriptor& field_;
  const std::vector<Column> columns_;
  Table table_;
};

// Where a list goes on after `reply`: its token, empty at the end.
std::string NextToken(const Message& reply, int64_t rows, int64_t page_size) {
  const auto token = [&reply](const char* name) {
    const FieldDescriptor* const field = reply.GetDescriptor()->FindFieldByName(name);
    return field == nullptr ? "" : reply.GetReflection()->GetString(reply, field);
  };
  if (std::string next = token("next_page_token"); !next.empty()) return next;
  // A history has no end: a page that is not full is the last for now.
  return rows < (page_size > 0 ? page_size : kDefaultPage) ? "" : token("resume_token");
}

const FieldDescriptor* TokenField(const Message& request) {
  const FieldDescriptor* const page = request.GetDescriptor()->FindFieldByName("page_token");
  return page != nullptr ? page : request.GetDescriptor()->FindFieldByName("resume_token");
}

class MethodCommand {
 public:
  MethodCommand(const Command& command, CLI::App& app)
      : command_(command),
        method_(MethodNamed(command.service, command.method)),
        form_(*method_.input_type(), command.positionals, {}, app) {}

  int Run(Session& session) const {
    absl::StatusOr<std::unique_ptr<Message>> request = form_.Fill();
    if (!request.ok()) return session.Fail(request.status(), {&form_});
    const absl::Status checked = RequestForm::Check(**request);
    if (!checked.ok()) return session.Fail(checked, {&form_});
    const auto actor = session.actor();
    if (!actor.ok()) return session.Fail(actor.status());
    Progress progress(session.terminal(), command_.path);
    const absl::Status status = command_.rows.empty() ? CallAndShow(session, *actor, **request, progress)
                                                      : List(session, *actor, **request, progress);
    return status.ok() ? kDone : session.Fail(status, {&form_, &method_, request->get()});
  }

 private:
  absl::Status CallAndShow(Session& session, const base::v1::Actor& actor, const Message& request,
                           Progress& progress) const {
    ASSIGN_OR_RETURN(const auto reply,
                     CallMethod(session.client(), actor, method_, request, session.timeout(), progress));
    progress.Clear();
    TellDryRun(session, request);
    Show(session, *reply);
    return absl::OkStatus();
  }

  absl::Status List(Session& session, const base::v1::Actor& actor, Message& request,
                    Progress& progress) const {
    const FieldDescriptor* const token = TokenField(request);
    if (form_.all_pages() && PageSizeOf(request) == 0) {
      request.GetReflection()->SetInt32(&request, request.GetDescriptor()->FindFieldByName("page_size"),
                                        kPageOfAll);
    }
    Rows rows(session, *method_.output_type()->FindFieldByName(command_.rows));
    std::string next;
    do {
      ASSIGN_OR_RETURN(const auto page,
                       CallMethod(session.client(), actor, method_, request, session.timeout(), progress));
      const int count = rows.Take(*page);
      next = token == nullptr ? "" : NextToken(*page, count, PageSizeOf(request));
      if (!next.empty()) request.GetReflection()->SetString(&request, token, next);
    } while (form_.all_pages() && !next.empty());
    progress.Clear();
    rows.Finish();
    std::fflush(stdout);
    if (!next.empty()) TellHowToGoOn(session, *token, next);
    return absl::OkStatus();
  }

  void TellHowToGoOn(const Session& session, const FieldDescriptor& token, const std::string& next) const {
    const std::string option = token.name() == "page_token" ? "--page-token" : "--resume-token";
    std::fprintf(stderr, "There may be more: --all, or %s\n", session.CommandLine({option, next}).c_str());
  }

  const Command& command_;
  const MethodDescriptor& method_;
  const RequestForm form_;
};

}  // namespace

Action MakeMethodCommand(const Command& command, CLI::App& app) {
  const auto method_command = std::make_shared<MethodCommand>(command, app);
  return [method_command](Session& session) { return method_command->Run(session); };
}

std::string ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
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
      for (const auto& [path, value] : FactsOf(message, session.style())) {
        std::printf("%s\t%s\n", path.c_str(), OneLine(value).c_str());
      }
      return;
    case Output::kTable:
      PrintForPeople(message, session.style());
  }
}

void TellDryRun(const Session& session, const Message& request) {
  const FieldDescriptor* const header = HeaderOf(*request.GetDescriptor());
  if (header == nullptr) return;
  const auto& command =
      static_cast<const base::v1::Command&>(request.GetReflection()->GetMessage(request, header));
  if (!command.validate_only()) return;
  std::fputs(Paint("Dry run: nothing was changed. This is what it would come to:\n", Colour::kBusy,
                   session.terminal().colour_err)
                 .c_str(),
             stderr);
}

}  // namespace makegood::ctl
