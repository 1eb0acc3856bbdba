// Values of message fields as people write and read them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "tools/makegoodctl/command_line/moment.h"

namespace makegood::ctl {

// Sets a field, or adds to a list, from text: an enum's word in any case, a number, "true", money as
// "199.00 CNY", a time as ReadTime takes it at `moment`, any other message as "key=value,key=value"
// with dotted keys, or as JSON where the text begins with {. INVALID_ARGUMENT says what is wanted.
absl::Status SetValue(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                      const std::string& text, const Moment& moment = {});

// What SetValue wants, for help: "TEXT", "NUMBER", "TIME", "AMOUNT", "{missing,wrong,damaged}",
// "line_id=…,quantity=…".
std::string WantedValue(const google::protobuf::FieldDescriptor& field);

// What was typed, with an amount that was typed as two words, 199.00 CNY or CNY 199.00, as the one it is: for
// words that make no sense as they are.
std::vector<std::string> AmountsAsOneWord(const std::vector<std::string>& words);

// Whose events there are: what a `source` of the events' requests may be.
std::vector<std::string> EventSources();

// How values are written.
struct ValueStyle {
  absl::TimeZone zone = absl::UTCTimeZone();
  // For scripts: times as RFC 3339 in UTC, whatever `zone` says.
  bool for_scripts = false;
  // Of amounts in minor units whose own message names no currency; empty where it is not known.
  std::string currency = {};
};

// A field's value, `index` where it is a list: an enum's word, "199.00 CNY", "2026-10-15 10:00 +08:00".
// Amounts in minor units are written as money where their message or the style names the currency, basis
// points in percent, bytes as "12.3 kB".
// A message with no short form is "".
std::string WriteValue(const google::protobuf::Message& message,
                       const google::protobuf::FieldDescriptor& field, int index, const ValueStyle& style);

// Whether WriteValue has a short form for values of this field.
bool HasShortForm(const google::protobuf::FieldDescriptor& field);

}  // namespace makegood::ctl
