// Requests made at random from the contracts alone: right ones, nearly right ones and wild ones.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/field.pb.h"

namespace makegood::testing {

// Not thread-safe. The same seed and the same replies learned make the same requests.
class RandomRequests {
 public:
  // Stands in every text that people might write, wherever a request has one.
  static constexpr char kPersonal[] = "Zkusebni";
  // Stands in a string that is no valid UTF-8 once it is on the wire (see ToWire).
  static constexpr char kNoUtf8[] = "%no utf-8%";

  explicit RandomRequests(uint64_t seed) : random_(seed) {}

  std::unique_ptr<google::protobuf::Message> Make(const google::protobuf::Descriptor& type);

  // A message's bytes. Sets `broken` where they hold what no server can read as this message.
  static std::string ToWire(const google::protobuf::Message& message, bool& broken);

  // Mostly one who may call the method, with ids that others have.
  base::v1::Actor MakeActor(const google::protobuf::MethodDescriptor& method);

  // Values of a reply are used again in fields of the same name, so that later requests name what is there.
  void Learn(const google::protobuf::Message& reply);

  // True once in `times`.
  bool OneIn(int times) { return Below(times) == 0; }
  // 0 to `end` - 1.
  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

 private:
  void Fill(google::protobuf::Message& message, int depth);
  void SetField(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                int depth);
  void SetValue(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                int depth);
  void SetTime(google::protobuf::Message& timestamp);
  std::string Text(const google::protobuf::FieldDescriptor& field);
  std::string WildText();
  int64_t Number(const google::protobuf::FieldDescriptor& field, int64_t least, int64_t most);
  int Value(const google::protobuf::FieldDescriptor& field);
  bool Wild() { return std::bernoulli_distribution(wildness_)(random_); }
  // One of the values learned for fields of this name, or "".
  std::string Known(const std::string& name);

  template <typename T, size_t n>
  const T& OneOf(const T (&choices)[n]) {
    return choices[Below(static_cast<int>(n))];
  }

  std::mt19937_64 random_;
  double wildness_ = 0;  // of the request that is being made: the share of values that are meant to be wrong
  int made_ = 0;
  std::map<std::string, std::deque<std::string>> texts_;
  std::deque<int64_t> seconds_ = {1'788'220'800};
};

}  // namespace makegood::testing
