#include "tools/makegoodctl/command_line/short_ids.h"

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/rules/fields/field_check.h"
#include "tools/makegoodctl/client/call.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/method_command.h"
#include "tools/makegoodctl/command_line/values.h"

namespace makegood::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kMostPages = 20;
constexpr int kPage = 1000;
constexpr size_t kMostToldOf = 8;
constexpr size_t kShortest = 27;  // of a whole id of ours: its kind, its part and 20 digits

bool DemandsSomething(const Descriptor& request) {
  for (int i = 0; i < request.field_count(); ++i) {
    if (rules::IsRequired(*request.field(i))) return true;
  }
  return false;
}

bool Lists(const Command& command, absl::string_view field) {
  if (command.rows.empty() || command.make != nullptr) return false;
  const auto& method = MethodNamed(command.service, command.method);
  const FieldDescriptor& rows = *method.output_type()->FindFieldByName(command.rows);
  return rows.message_type()->field(0)->name() == field && !DemandsSomething(*method.input_type()) &&
         method.input_type()->FindFieldByName("page_token") != nullptr;
}

bool MayBeginAnId(absl::string_view text) {
  return !text.empty() && text.size() < kShortest && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  });
}

bool Begins(absl::string_view id, absl::string_view begun) {
  const size_t dash = id.find('-');
  return absl::StartsWith(id, begun) ||
         (dash != absl::string_view::npos && absl::StartsWith(id.substr(dash + 1), begun));
}

std::unique_ptr<Message> FirstPage(const Command& list, const base::v1::Actor& actor) {
  const Descriptor& type = *MethodNamed(list.service, list.method).input_type();
  std::unique_ptr<Message> request(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  request->GetReflection()->SetInt32(request.get(), type.FindFieldByName("page_size"), kPage);
  // What is put off has an id, too.
  if (const FieldDescriptor* const later = type.FindFieldByName("with_put_off"); later != nullptr) {
    request->GetReflection()->SetBool(request.get(), later, true);
  }
  FillInOwn(actor, *request);
  return request;
}

// Adds the ids of a page that begin so; where the next page begins, empty at the end.
std::string TakePage(const Message& page, const Command& list, absl::string_view begun,
                     std::vector<std::string>& ids) {
  const FieldDescriptor* const rows = page.GetDescriptor()->FindFieldByName(list.rows);
  for (int i = 0; i < page.GetReflection()->FieldSize(page, rows); ++i) {
    const Message& row = page.GetReflection()->GetRepeatedMessage(page, rows, i);
    std::string id = WriteValue(row, *row.GetDescriptor()->field(0), 0, {});
    if (Begins(id, begun)) ids.push_back(std::move(id));
  }
  return page.GetReflection()->GetString(page, page.GetDescriptor()->FindFieldByName("next_page_token"));
}

// The id made whole, or as it was.
absl::Status CompleteId(Session& session, const base::v1::Actor& actor, const FieldOption& option,
                        const Command& list, std::string& begun) {
  if (!MayBeginAnId(begun)) return absl::OkStatus();
  const auto found = IdsThatBegin(session.client(), actor, list, begun, kMostPages, session.timeout());
  // Who may not list them, or has too many, gives whole ids.
  if (!found.ok()) return IsAmbiguous(found.status()) ? found.status() : absl::OkStatus();
  const std::vector<std::string>& ids = found->ids;
  if (!found->all || ids.empty()) return absl::OkStatus();
  if (std::find(ids.begin(), ids.end(), begun) != ids.end()) return absl::OkStatus();
  if (ids.size() == 1) {
    begun = ids.front();
    return absl::OkStatus();
  }
  const std::vector<std::string> told(
      ids.begin(), ids.begin() + static_cast<ptrdiff_t>(std::min(ids.size(), kMostToldOf)));
  return InvalidFields({{option.name, absl::StrCat("\"", begun, "\" begins ", ids.size(),
                                                   " of them: ", absl::StrJoin(told, ", "),
                                                   told.size() < ids.size() ? ", …" : "")}});
}

}  // namespace

const Command* ListOf(absl::string_view field) {
  for (const Command& command : Commands()) {
    if (Lists(command, field)) return &command;
  }
  return nullptr;
}

absl::StatusOr<FoundIds> IdsThatBegin(Client& client, const base::v1::Actor& actor, const Command& list,
                                      absl::string_view begun, int pages, absl::Duration timeout) {
  const auto& method = MethodNamed(list.service, list.method);
  const std::unique_ptr<Message> request = FirstPage(list, actor);
  Progress nobody({}, "");
  FoundIds found;
  for (int page = 0; page < pages; ++page) {
    ASSIGN_OR_RETURN(const auto reply, CallMethod(client, actor, method, *request, timeout, nobody));
    const std::string next = TakePage(*reply, list, begun, found.ids);
    found.all = next.empty();
    if (found.all) break;
    request->GetReflection()->SetString(request.get(), method.input_type()->FindFieldByName("page_token"),
                                        next);
  }
  return found;
}

absl::Status CompleteIds(Session& session, const base::v1::Actor& actor, const RequestForm& form,
                         Message& request) {
  for (const FieldOption& option : form.options()) {
    const FieldDescriptor& field = *option.path.back();
    const bool plain = option.path.size() == 1 && field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (!plain || field.name() == "order_id") continue;
    const absl::string_view plural = field.is_repeated() ? "s" : "";
    const Command* const list = ListOf(absl::StripSuffix(field.name(), plural));
    if (list == nullptr) continue;
    const Reflection& reflection = *request.GetReflection();
    if (!field.is_repeated()) {
      std::string id = reflection.GetString(request, &field);
      RETURN_IF_ERROR(CompleteId(session, actor, option, *list, id));
      reflection.SetString(&request, &field, std::move(id));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(request, &field); ++i) {
      std::string id = reflection.GetRepeatedString(request, &field, i);
      RETURN_IF_ERROR(CompleteId(session, actor, option, *list, id));
      reflection.SetRepeatedString(&request, &field, i, std::move(id));
    }
  }
  return absl::OkStatus();
}

}  // namespace makegood::ctl
