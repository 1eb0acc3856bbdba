# Writes OUTPUT, a C++ source that holds the text of FILES (see embedded_files.h).
#   cmake -D OUTPUT=out.cc "-D FILES=a.ics|b.textproto" -P embed.cmake
string(REPLACE "|" ";" files "${FILES}")
set(entries "")
foreach(path IN LISTS files)
  get_filename_component(name "${path}" NAME)
  file(READ "${path}" content)
  string(APPEND entries "    {\"${name}\", R\"EMBEDDED(${content})EMBEDDED\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"common/rules/embedded_files.h\"

namespace makegood::rules {

const std::vector<EmbeddedFile>& EmbeddedFiles() {
  static const auto* const files = new std::vector<EmbeddedFile>{
${entries}  };
  return *files;
}

}  // namespace makegood::rules
")
