# Puts a file into the library as a raw string.
#   cmake -DINPUT=openapi.json -DROOM=serve -DCONSTANT=kOpenApi -DOUTPUT=kOpenApi.cpp -P EmbedFile.cmake
file(READ ${INPUT} text)
file(WRITE ${OUTPUT} "#include <string_view>\n\nnamespace heed::${ROOM} {\n\nextern const std::string_view ${CONSTANT};\nconst std::string_view ${CONSTANT} = R\"heedfile(${text})heedfile\";\n\n}  // namespace heed::${ROOM}\n")
